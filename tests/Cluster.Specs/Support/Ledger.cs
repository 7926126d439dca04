using System.Collections.Concurrent;
using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>
/// What senders were told, held against what the journal has. A sender repeats a command under its id until it hears
/// ACCEPTED or DUPLICATE, as every door of the system does.
/// </summary>
public sealed class Ledger(string database)
{
    private static readonly TimeSpan AnswerIn = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, string> _acknowledged = new(StringComparer.Ordinal);
    private int _repeats;

    public int Acknowledged => _acknowledged.Count;

    public int Repeats => _repeats;

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
        var journaled = await Journaled();

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

    private async Task<List<string>> Journaled()
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT manifest, message FROM journal ORDER BY ordering");
        await using var rows = await command.ExecuteReaderAsync();
        List<string> ids = [];
        while (await rows.ReadAsync())
        {
            var message = WireTypes.Parse(rows.GetString(0), rows.GetFieldValue<byte[]>(1));
            ids.Add(((IEvent)message).Header.CausationId);
        }

        return ids;
    }
}
