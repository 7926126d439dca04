using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Import;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Datasets.Tests.Import;

/// <summary>What was learned online, as a dataset: the columns of the model that was shown, people as they were last seen.</summary>
public sealed class SampleTablesSpecs : IDisposable
{
    private const int Samples = 400;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-samples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_kind_of_feature_is_a_column_again_and_encodes_as_it_is_sent_for_a_score()
    {
        var (asked, samples) = (AllKinds(), GivenSamples());

        var data = Prepared(asked, samples);

        var schema = data.Schema!;
        Assert.Equal(Kinds(asked.User), Kinds(schema.User));
        Assert.Equal(Kinds(asked.Candidate), Kinds(schema.Candidate));
        Assert.Equal(Kinds(asked.Context), Kinds(schema.Context));
        Assert.Equal(["near", "shared"], schema.PairsOrNone.Select(p => p.Name));
        Assert.False(schema.Reciprocal);
        var (user, candidate, context) = (
            new float[schema.User.Width],
            new float[schema.Candidate.Width],
            new float[schema.ContextWidth]
        );
        schema.Encode(samples[0], user, candidate, context);
        var row = data.Rows(Split.Train)[0];
        Assert.Equal(user, data.UserNumbers(data.UserOf(row), 1).ToArray());
        Assert.Equal(candidate, data.CandidateNumbers(data.CandidateOf(row)).ToArray());
        Assert.Equal(samples[0].Label, data.Label(row));
    }

    [Fact]
    public void Rows_for_weights_that_are_there_are_encoded_by_their_schema()
    {
        var (asked, samples) = (Prepared(AllKinds(), GivenSamples()).Schema!, GivenSamples());

        var data = Prepared(asked, samples[100..], given: asked);

        Assert.Equal(asked.Id, data.Meta.SchemaId);
        var user = new float[asked.User.Width];
        asked.User.Encode(samples[100].UserId, samples[100].User, user);
        Assert.Equal(user, data.UserNumbers(data.UserOf(data.Rows(Split.Train)[0]), 1).ToArray());
        var users = new FeatureSchema(asked.User, asked.User, asked.Context) { Reciprocal = true };
        var refused = Assert.Throws<BadTableException>(() => Prepared(asked, samples, given: users));
        Assert.Contains("is for candidates that are users", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_judged_comes_after_what_is_learned()
    {
        var data = Prepared(AllKinds(), GivenSamples());

        var (train, valid, test) = (
            data.Rows(Split.Train).ToArray(),
            data.Rows(Split.Valid).ToArray(),
            data.Rows(Split.Test).ToArray()
        );
        Assert.Equal(Samples, train.Length + valid.Length + test.Length);
        Assert.True(train.Max(data.TimeOf) <= valid.Min(data.TimeOf));
        Assert.True(valid.Max(data.TimeOf) <= test.Min(data.TimeOf));
    }

    [Fact]
    public void Where_candidates_are_users_everybody_is_in_one_table_as_last_seen()
    {
        var asked = new FeatureSchema(Side(Number("age")), Side(Number("age")), SideSchema.Empty) { Reciprocal = true };
        var samples = Enumerable
            .Range(0, Samples)
            .Select(k => Sample(k, $"p{k % 20}", $"p{(k + 1 + (k / 20)) % 20}", Age(k), Age(2 * k)))
            .ToArray();

        var data = Prepared(asked, samples);

        Assert.True(data.Schema!.Reciprocal);
        Assert.Equal((20, 20), (data.Meta.Users, data.Meta.Candidates));
        var last = samples.Last(s => s.UserId == "p3" || s.CandidateId == "p3");
        var expected = new float[data.Schema.User.Width];
        data.Schema.User.Encode("p3", last.CandidateId == "p3" ? last.Candidate : last.User, expected);
        var row = Enumerable.Range(0, Samples).First(r => samples[r].UserId == "p3");
        Assert.Equal(expected, data.UserNumbers(data.UserOf(row), 1).ToArray());
    }

    [Fact]
    public void A_feature_that_nobody_has_is_no_column_and_one_of_another_kind_is_left_out()
    {
        var asked = new FeatureSchema(Side(Number("age"), Number("height")), Side(Number("age")), SideSchema.Empty)
        {
            Pairs = [new PairSpec("alike", PairKind.Similarity, "height", "age", [0, 0], [1, 1])],
        };
        var samples = Enumerable
            .Range(0, Samples)
            .Select(k => Sample(k, $"u{k % 20}", $"c{k % 7}", Age(k), Age(2 * k)))
            .ToArray();
        samples[^1].User = new Features
        {
            Items =
            {
                new Feature { Name = "age", Text = "old" },
            },
        };

        var data = Prepared(asked, samples);

        Assert.Equal(["age"], data.Schema!.User.Features.Select(f => f.Name));
        Assert.Empty(data.Schema.PairsOrNone);
    }

    private PreparedDataset Prepared(FeatureSchema schema, Sample[] samples, FeatureSchema? given = null)
    {
        var description = new SampleTables("window", schema).Write(
            Path.Combine(_folder, "tables"),
            samples,
            CancellationToken.None
        );
        var info = DatasetPreparation.Prepare(
            description,
            Path.Combine(_folder, "dataset"),
            new PreparationOptions(Schema: given),
            null,
            CancellationToken.None
        );
        return PreparedDataset.Open(info.Path);
    }

    private static FeatureSchema AllKinds() =>
        new(
            Side(
                Number("age") with
                {
                    Scaling = Scaling.Quantile,
                },
                Spec("district", FeatureKind.Category),
                Spec("home", FeatureKind.Position),
                Spec("interests", FeatureKind.Tags)
            ),
            Side(
                Spec("name", FeatureKind.Hashed) with
                {
                    Buckets = 16,
                },
                Spec("place", FeatureKind.Position),
                Spec("tags", FeatureKind.Tags),
                Spec("words", FeatureKind.Tokens) with
                {
                    Buckets = 8,
                }
            ),
            Side(Spec("evening", FeatureKind.Time), Number("km"))
        )
        {
            Pairs =
            [
                new PairSpec("near", PairKind.Distance, "home", "place", [], []),
                new PairSpec("shared", PairKind.Overlap, "interests", "tags", [], []),
            ],
        };

    /// <summary>Everybody is always the same, so that the last sight of them is the first.</summary>
    private static Sample[] GivenSamples() =>
        [
            .. Enumerable
                .Range(0, Samples)
                .Select(k =>
                {
                    var (u, c) = (k % 20, k % 7);
                    var sample = Sample(k, $"u{u}", $"c{c}", Age(u), new Features());
                    sample.User.Items.Add(new Feature { Name = "district", Text = $"d{u % 3}" });
                    sample.User.Items.Add(At("home", u));
                    sample.User.Items.Add(Texts("interests", $"a|b{u % 2}", "c"));
                    sample.Candidate.Items.Add(new Feature { Name = "name", Text = $"name {c}" });
                    sample.Candidate.Items.Add(At("place", c));
                    sample.Candidate.Items.Add(Texts("tags", "c", $"t{c % 2}"));
                    sample.Candidate.Items.Add(new Feature { Name = "words", Text = $"likes \"{c}\" a lot, or not" });
                    sample.Context = new Features
                    {
                        Items =
                        {
                            new Feature { Name = "evening", Number = 1_700_000_000 + (k * 3_600) },
                            new Feature { Name = "km", Number = k / 7.0 },
                            new Feature { Name = "nobody reads it", Number = 1 },
                        },
                    };
                    return sample;
                }),
        ];

    private static Sample Sample(int k, string user, string candidate, Features ofUser, Features ofCandidate) =>
        new()
        {
            UserId = user,
            CandidateId = candidate,
            User = ofUser,
            Candidate = ofCandidate,
            Label = k % 3 == 0 ? 1 : 0,
            OccurredAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + k)),
        };

    private static Features Age(int k) =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Number = 18 + (k * 7 % 40) },
            },
        };

    private static Feature At(string name, int k) =>
        new()
        {
            Name = name,
            Position = new Position { Latitude = 48 + (k / 100.0), Longitude = 16 - (k / 50.0) },
        };

    private static Feature Texts(string name, params string[] values) =>
        new()
        {
            Name = name,
            Texts = new TextList { Values = { values } },
        };

    private static SideSchema Side(params FeatureSpec[] features) => new([.. features]);

    private static FeatureSpec Number(string name) => Spec(name, FeatureKind.Number) with { Mean = [0], Scale = [1] };

    private static FeatureSpec Spec(string name, FeatureKind kind) => new(name, kind, [], [], []);

    private static IEnumerable<(string, FeatureKind, Scaling, int)> Kinds(SideSchema side) =>
        side.Features.Select(f => (f.Name, f.Kind, f.Scaling, f.Buckets)).Order();
}
