using System.Collections.Concurrent;
using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using RalmActors.ClusterHost.Persistence;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>
/// What senders were told, held against what the journal has. A sender repeats a command under its id until it hears
/// ACCEPTED or DUPLICATE, as every endpoint of the system does.
/// </summary>
public sealed class Ledger(SqlDatabase database)
{
    private static readonly TimeSpan AnswerIn = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, string> _acknowledged = new(StringComparer.Ordinal);
    private int _repeats;
    private int _refused;

    public int Acknowledged => _acknowledged.Count;

    public int Repeats => _repeats;

    /// <summary>Answers that a command may not be in the journal; the others repeated were met with silence.</summary>
    public int Refused => _refused;

    /// <summary>What a family must know: the versions whose registration was acknowledged.</summary>
    public int AcknowledgedOf(string family) => _acknowledged.Values.Count(f => f == family);

    /// <summary>Registers versions of a family until told to stop; each one waits for its acknowledgement.</summary>
    public async Task Write(Func<IActorRef> region, string family, string sender, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            await Acknowledge(region, Register(family, $"{family}-{sender}-{n}"));
        }
    }

    /// <summary>
    /// The first write creates the tables. Nodes that start at once on an empty database would race to do it.
    /// </summary>
    public Task Open(Node node, string family) => Acknowledge(() => node.Registry, Register(family, $"{family}-first"));

    public async Task Acknowledge(Func<IActorRef> region, RegisterVersion command)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                var reply = await region().Ask<CommandReply>(command, AnswerIn, deadline.Token);
                if (reply.Outcome is CommandOutcome.Accepted or CommandOutcome.Duplicate)
                {
                    _acknowledged[command.Header.CommandId] = command.Family;
                    return;
                }

                Assert.True(reply.Outcome is CommandOutcome.Unavailable, $"{command} was answered {reply}");
                Interlocked.Increment(ref _refused);
            }
            catch (AskTimeoutException)
            {
                // Silence is allowed; the command may or may not be in the journal.
            }

            Interlocked.Increment(ref _repeats);
        }
    }

    /// <summary>Every acknowledged command is in the journal once, and nothing else is.</summary>
    public async Task AssertMatchesJournal()
    {
        string[] journaled = [.. (await JournalRows.Read(database)).Select(row => row.Cause)];

        Assert.DoesNotContain(journaled.CountBy(id => id), id => id.Value > 1);
        Assert.Empty(_acknowledged.Keys.Except(journaled));
    }

    public static RegisterVersion Register(string family, string versionId) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = $"register-{versionId}",
                SentAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            },
            Family = family,
            VersionId = versionId,
            Artifact = new ArtifactRef
            {
                Hash = new string('a', 64),
                WeightsHash = new string('b', 64),
                Bytes = 1,
            },
            DatasetHash = new string('c', 64),
            SchemaId = "schema-1",
            ProducedBy = "run-1",
        };
}
