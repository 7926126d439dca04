using Akka.Actor;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A node that takes in 5,000 samples a second, killed again and again on the same data: what it acknowledged is in the journal,
/// once, and can be read.
/// </summary>
public sealed class SamplesKillSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 100 : 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-samples-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task What_was_acknowledged_is_stored_once_however_often_the_process_is_killed()
    {
        var random = new Random(15);
        for (var round = 1; round <= Kills; round++)
        {
            await KillWhileItSends(round, TimeSpan.FromMilliseconds(random.Next(1_500)));
        }

        var acknowledged = Enumerable.Range(1, Kills).SelectMany(Acknowledged).ToHashSet(StringComparer.Ordinal);
        await using (var node = await SamplesUntilKilled.StartNode(_folder, TestContext.Current.CancellationToken))
        {
            var (accepted, stored) = (await Accepted(node.Registry.Get<UserRegion>()), await Stored());
            output.WriteLine($"{Kills} kills: {acknowledged.Count} acknowledged, {stored.Count} stored");
            Assert.Empty(acknowledged.Except(stored));
            Assert.Equal(stored.Count, stored.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(stored.Count, accepted);
        }
    }

    /// <param name="after">How long it goes on once the first sample of the round is acknowledged.</param>
    private async Task KillWhileItSends(int round, TimeSpan after)
    {
        using var process = SamplesUntilKilled.Start(_folder, round);
        var ledger = SamplesUntilKilled.LedgerOf(_folder, round);
        await Eventually.Is(() =>
            process.HasExited
                ? throw new InvalidOperationException($"round {round} ended with {process.ExitCode}")
                : File.Exists(ledger) && new FileInfo(ledger).Length > 0
        );
        await Task.Delay(after, TestContext.Current.CancellationToken);
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact(Explicit = true)]
    public Task The_process_that_is_killed() => SamplesUntilKilled.Run();

    /// <summary>Whole lines: the write of the last one may have been cut.</summary>
    private IEnumerable<string> Acknowledged(int round)
    {
        var text = File.ReadAllText(SamplesUntilKilled.LedgerOf(_folder, round));
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<List<string>> Stored()
    {
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(Path.Combine(_folder, "data", "ralm.db")));
        var rows = await JournalRows.Read(database);
        return [.. rows.Where(row => row.Type == nameof(InteractionRecorded)).Select(row => row.Cause)];
    }

    /// <summary>What the users themselves say, recovered from the journal.</summary>
    private static async Task<long> Accepted(IActorRef users)
    {
        var accepted = 0L;
        for (var user = 0; user < SamplesUntilKilled.Users; user++)
        {
            // One that was not reached before the first kill is not known.
            var answer = await users.Ask<object>(new GetUser { UserId = $"user-{user}" }, Waiting.Patience);
            accepted += answer is UserReply reply ? reply.SamplesAccepted : 0;
        }

        return accepted;
    }
}
