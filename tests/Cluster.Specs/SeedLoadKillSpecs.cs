using System.Security.Cryptography;
using Ralm.Datasets.Files;
using Ralm.Models.Artifacts;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A version begins to serve, and the process that gives the audiences what its training data knew is killed in between, again
/// and again: the load goes on by itself, and every audience has each of its seeds once.
/// </summary>
public sealed class SeedLoadKillSpecs(ITestOutputHelper output) : IDisposable
{
    private const int Audiences = 600;
    private static readonly int Kills = Seeds.IsLong ? 12 : 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-seeds-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_killed_load_goes_on_and_no_seed_is_lost_or_doubled()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        await host.Start();
        var artifact = SmallModel.Write(Path.Combine(data, "models"), "city/v-1");
        artifact.SeedsHash = SaveSeeds(Path.Combine(data, "models"));
        await host.Accepted(
            "/training/registry/city/versions",
            new RegisterVersion
            {
                Header = new CommandHeader { CommandId = "register" },
                VersionId = "v-1",
                Artifact = artifact,
            }
        );
        await host.Accepted(
            "/training/registry/city/stages",
            new SetStage
            {
                Header = new CommandHeader { CommandId = "promote" },
                VersionId = "v-1",
                // The file is no model that could serve.
                Stage = Stage.Canary,
            }
        );

        var points = new List<int>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var at = Audiences * kill / (Kills + 2);
            var before = await Until(host, r => r.Ready || r.Seeds?.AudiencesLoaded >= at);
            await host.KillNine();
            points.Add(before.Seeds.AudiencesLoaded);
            await host.Start();
            var after = await Until(host, r => r.Seeds is not null);
            Assert.InRange(after.Seeds.AudiencesLoaded, before.Seeds.AudiencesLoaded, Audiences);
        }

        var ready = await Until(host, r => r.Ready);
        Assert.Equal((Audiences, SeedsOf(Audiences)), (ready.Seeds.AudiencesLoaded, ready.Seeds.SeedsLoaded));
        Assert.Equal(0, ready.Seeds.Refused);
        for (var k = 0; k < Audiences; k++)
        {
            var audience = await host.Get<AudienceReply>($"/training/users/c-{k}/audience");
            Assert.Equal(Ids(k), audience.Seeds.Select(s => s.UserId).Order(StringComparer.Ordinal));
            // Each joined once.
            Assert.Equal(Ids(k).Count(), audience.Version);
        }

        output.WriteLine($"killed at {string.Join(", ", points)} of {Audiences} audiences, {SeedsOf(Audiences)} seeds");
    }

    private static async Task<ReadinessReply> Until(HostProcess host, Func<ReadinessReply, bool> condition)
    {
        var reply = new ReadinessReply();
        await Eventually.Is(async () =>
        {
            reply = await host.Get<ReadinessReply>("/training/models/city/versions/v-1/readiness");
            return condition(reply);
        });
        return reply;
    }

    private string SaveSeeds(string models)
    {
        var path = Path.Combine(_folder, "seeds.bin");
        var people = Enumerable
            .Range(0, 9)
            .Select(p => new SeedFilePerson { UserId = $"u-{p}", Features = AgeCity.Person(20 + p) });
        SeedFile.Write(
            path,
            new SeedFileHead
            {
                People = 9,
                Audiences = Audiences,
                Seeds = SeedsOf(Audiences),
                Keep = AudienceBounds.DefaultKeep,
            },
            people,
            Enumerable
                .Range(0, Audiences)
                .Select(k => new SeedFileAudience { UserId = $"c-{k}", People = { Enumerable.Range(0, Count(k)) } })
        );
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        new ArtifactStore(models).SaveSeeds(path, hash);
        return hash;
    }

    private static int Count(int audience) => 1 + (audience % 9);

    private static IEnumerable<string> Ids(int audience) => Enumerable.Range(0, Count(audience)).Select(p => $"u-{p}");

    private static long SeedsOf(int audiences) => Enumerable.Range(0, audiences).Sum(k => (long)Count(k));
}
