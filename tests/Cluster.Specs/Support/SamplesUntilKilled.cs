using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Serilog;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>
/// A process of its own, which <see cref="SamplesKillSpecs"/> starts and kills: a whole node, and 1,000 users who send five samples a
/// second each, answered or not. What is acknowledged is written down before anything else happens.
/// </summary>
public static class SamplesUntilKilled
{
    public const int Users = 1_000;
    private const int PerSecond = 5_000;
    private const string Folder = "RALM_SAMPLES_FOLDER";
    private const string Round = "RALM_SAMPLES_ROUND";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Ids of the samples that were acknowledged in the round, one a line; the last one may be cut.</summary>
    public static string LedgerOf(string folder, int round) => Path.Combine(folder, $"acknowledged-{round}");

    public static Process Start(string folder, int round)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            ["-noLogo", "-explicit", "only", "-class", typeof(SamplesKillSpecs).FullName!]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [Folder] = folder, [Round] = round.ToString(CultureInfo.InvariantCulture) },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    public static async Task<RalmNode> StartNode(string folder, CancellationToken ct)
    {
        var settings = RalmSettings.Read(
            ProcessSettings.Written(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Node:DataPath"] = Path.Combine(folder, "data"),
                    ["Http:Urls"] = "http://127.0.0.1:0",
                }
            )
        );
        return await RalmNode.Start(
            settings,
            ct,
            app => app.Services.AddSerilog(new LoggerConfiguration().CreateLogger(), dispose: true)
        );
    }

    /// <summary>What that process does; nothing where nobody has started it as one.</summary>
    public static async Task Run()
    {
        if (Environment.GetEnvironmentVariable(Folder) is not { } folder)
        {
            return;
        }

        var round = int.Parse(Environment.GetEnvironmentVariable(Round)!, CultureInfo.InvariantCulture);
        await using var node = await StartNode(folder, TestContext.Current.CancellationToken);
        var users = node.Registry.Get<UserRegion>();
        await using var ledger = new StreamWriter(LedgerOf(folder, round)) { AutoFlush = true };
        using var beat = new PeriodicTimer(Step);
        var (nr, since) = (0, Stopwatch.GetTimestamp());
        while (await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            for (var due = Stopwatch.GetElapsedTime(since).TotalSeconds * PerSecond; nr < due; nr++)
            {
                _ = Send(users, ledger, $"{round}-{nr}", nr);
            }
        }
    }

    private static async Task Send(IActorRef users, StreamWriter ledger, string id, int nr)
    {
        var reply = await users.Ask<CommandReply>(Sample(id, nr), Waiting.Patience);
        if (reply.Outcome is CommandOutcome.Accepted)
        {
            lock (ledger)
            {
                ledger.WriteLine(id);
            }
        }
    }

    private static RecordInteraction Sample(string id, int nr) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            UserId = $"user-{nr % Users}",
            CandidateId = $"user-{(nr + 1 + (nr / Users)) % Users}",
            User = AgeCity.Person(20 + (nr % 40)),
            Candidate = AgeCity.Person(20 + (nr % 37)),
            Label = nr / Users % 2,
        };
}
