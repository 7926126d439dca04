using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// The whole product in a process of its own, killed in the middle of its work and started again: what it acknowledged is
/// accepted, what is accepted is learned or pending, and nothing is learned twice.
/// </summary>
public sealed class KillNineSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 10 : 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task No_acknowledged_interaction_is_lost_and_none_is_learned_twice()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        var starts = new List<double> { (await host.Start()).TotalSeconds };
        await Swipes.OpenLineage(host, _folder);

        var acknowledged = new int[Swipes.Users];
        using var stop = new CancellationTokenSource();
        var senders = Swipes.Begin(host, acknowledged, stop.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var soFar = acknowledged.Sum();
            await Eventually.Is(() => senders.Any(s => s.IsFaulted) || acknowledged.Sum() > soFar + (8 * Swipes.Users));
            await Task.WhenAll(senders.Where(s => s.IsFaulted));
            await host.KillNine();
            var told = acknowledged.ToArray();
            starts.Add((await host.Start()).TotalSeconds);
            for (var u = 0; u < Swipes.Users; u++)
            {
                var known = (await host.Get<UserReply>($"/training/users/user-{u}")).SamplesAccepted;
                Assert.True(known >= told[u], $"kill {kill}: user-{u} was told {told[u]}, has {known}");
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await Eventually.Is(async () => (await Swipes.Accounts(host)).Pending == 0);

        var (accepted, pending, learned) = await Swipes.Accounts(host);
        output.WriteLine(
            $"{Kills} kills: {acknowledged.Sum()} acknowledged, {accepted} accepted, {learned} learned, {pending} pending; "
                + $"ready after {string.Join(", ", starts.Select(s => $"{s:F1}"))} s"
        );
        Assert.Equal(acknowledged.Sum(), accepted);
        Assert.Equal(accepted, learned);
    }
}
