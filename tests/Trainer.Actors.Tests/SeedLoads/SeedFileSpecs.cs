using Ralm.Datasets.Files;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.SeedLoads;

public sealed class SeedFileSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-seeds-").FullName;

    private string PathOfFile => Path.Combine(_folder, "seeds.bin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Audiences_come_back_in_order_each_with_its_people_and_times()
    {
        GivenSeedFile.Write(PathOfFile, ("star", [("ann", 1_500_000), ("bob", 0)]), ("sun", [("ann", 2_000_000)]));

        using var file = SeedFile.Open(PathOfFile);
        var (star, seeds) = file.NextAudience()!.Value;
        var (sun, one) = file.NextAudience()!.Value;

        Assert.Equal((2, 2, 3L), (file.Head.People, file.Head.Audiences, file.Head.Seeds));
        Assert.Equal(("star", "sun"), (star, sun));
        Assert.Equal(["ann", "bob"], seeds.Select(s => s.UserId));
        Assert.Equal(GivenSeedFile.Features("ann"), Assert.Single(one).Features);
        Assert.Equal((1L, 500_000_000), (seeds[0].At.Seconds, seeds[0].At.Nanos));
        Assert.Null(seeds[1].At);
        Assert.Null(file.NextAudience());
    }

    [Fact]
    public void Reading_goes_on_where_it_was()
    {
        GivenSeedFile.Write(PathOfFile, ("a", [("ann", 1)]), ("b", [("bob", 1)]), ("c", [("ann", 1)]));

        using var file = SeedFile.Open(PathOfFile);
        file.Skip(2);

        Assert.Equal("c", file.NextAudience()!.Value.UserId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public void A_file_that_is_cut_short_is_refused(int bytes)
    {
        GivenSeedFile.Write(PathOfFile, ("star", [("ann", 1), ("bob", 2)]));
        File.WriteAllBytes(PathOfFile, File.ReadAllBytes(PathOfFile)[..bytes]);

        Assert.Contains(
            "it ends at",
            Assert.Throws<ArtifactException>(() => ReadAll()).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_store_refuses_seeds_of_another_hash()
    {
        GivenSeedFile.Write(PathOfFile, ("star", [("ann", 1)]));
        var store = new ArtifactStore(Path.Combine(_folder, "models"));

        Assert.Throws<ArtifactException>(() => store.SaveSeeds(PathOfFile, new string('a', 64)));
        Assert.Throws<ArtifactException>(() => store.OpenSeeds(new string('a', 64)));
    }

    private void ReadAll()
    {
        using var file = SeedFile.Open(PathOfFile);
        while (file.NextAudience() is not null) { }
    }
}

internal static class GivenSeedFile
{
    public static void Write(string path, params (string Candidate, (string UserId, long At)[] Seeds)[] audiences)
    {
        string[] people =
        [
            .. audiences.SelectMany(a => a.Seeds.Select(s => s.UserId)).Distinct(StringComparer.Ordinal),
        ];
        SeedFile.Write(
            path,
            new SeedFileHead
            {
                People = people.Length,
                Audiences = audiences.Length,
                Seeds = audiences.Sum(a => a.Seeds.Length),
                Keep = 500,
            },
            people.Select(id => new SeedFilePerson { UserId = id, Features = Features(id) }),
            audiences.Select(a => new SeedFileAudience
            {
                UserId = a.Candidate,
                People = { a.Seeds.Select(s => Array.IndexOf(people, s.UserId)) },
                At = { a.Seeds.Select(s => s.At) },
            })
        );
    }

    public static Features Features(string userId) =>
        new()
        {
            Items =
            {
                new Feature { Name = "name", Text = userId },
            },
        };
}
