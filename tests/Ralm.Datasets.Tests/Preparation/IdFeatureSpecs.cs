using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Of people of whom nothing is known, who they are is.</summary>
public sealed class IdFeatureSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public IdFeatureSpecs()
    {
        _tables.Write("users.csv", ["id", .. Enumerable.Range(0, GivenTables.People).Select(p => $"p{p}")]);
        _tables.Interactions(600);
        File.WriteAllText(
            Path.Combine(_tables.Folder, "dataset.json"),
            """{"name":"given","users":{"file":"users.csv","key":"id"},"interactions":{"file":"swipes.csv","user":"who","candidate":"whom","label":"liked"}}"""
        );
    }

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void A_side_without_columns_is_encoded_by_its_ids_and_served_alike()
    {
        var data = _tables.Open();
        var schema = data.Schema!;
        var (user, candidate, context, label) = (
            new float[data.Meta.UserWidth],
            new float[data.Meta.CandidateWidth],
            Array.Empty<float>(),
            new float[1]
        );
        data.Gather([5], user, candidate, context, label);

        Assert.Equal((257, 1f), (data.Meta.UserWidth, user.Sum()));
        Assert.Equal(schema.PrepareUser("p5", null).Encoded, user);
        Assert.Equal(schema.PrepareCandidate("p6", new Features()).Encoded, candidate);
        Assert.NotEqual(user, candidate);
    }

    [Fact]
    public void Nobody_says_who_somebody_is_but_the_id()
    {
        var schema = _tables.Open().Schema!;
        var claimed = new Features
        {
            Items =
            {
                new Feature { Name = "id", Text = "p7" },
            },
        };

        Assert.Equal(schema.PrepareUser("p5", null).Encoded, schema.PrepareUser("p5", claimed).Encoded);
    }

    [Fact]
    public void The_kind_id_is_for_people_alone()
    {
        _tables.Describe(columns: """ "pair": { "type": "id" } """);

        Assert.EndsWith(
            "interactions.columns.pair.type id is for people, not for what happens between them",
            _tables.Refused()
        );
    }
}
