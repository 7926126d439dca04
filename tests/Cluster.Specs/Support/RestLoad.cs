using System.Collections.Concurrent;
using RalmActors.ClusterHost.Persistence;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Monitoring;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>
/// Senders over REST to entities of several regions, and the book of what they were told. Each repeats a command, to one
/// node after the other, until it is acknowledged.
/// </summary>
/// <param name="entities">Users, and a collector for each ten of them; interactions write to buckets of pending users too.</param>
internal sealed class RestLoad(IReadOnlyList<HostProcess> nodes, int entities, int senders)
{
    /// <summary>As people do: between two commands a sender leaves the machine to whoever starts or recovers.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private Task[] _senders = [];
    private volatile bool _stopped;
    private int _next = -1;

    public int Acknowledged => _acknowledged.Count;

    public void Start() => _senders = [.. Enumerable.Range(0, senders).Select(s => Task.Run(() => Send(s)))];

    /// <summary>Until so many more are acknowledged.</summary>
    public async Task Advance(int commands)
    {
        var enough = Acknowledged + commands;
        await Eventually.Is(() => Acknowledged >= enough || _senders.Any(s => s.IsFaulted));
        await Task.WhenAll(_senders.Where(s => s.IsFaulted));
    }

    /// <summary>What is under way is still acknowledged.</summary>
    public async Task Stop()
    {
        _stopped = true;
        await Task.WhenAll(_senders);
    }

    /// <summary>The book against the journal: every acknowledged command is there once, and no other is.</summary>
    /// <param name="fresh">A node that has just started: every entity of the journal is asked there.</param>
    public async Task<string> Compare(SqlDatabase database, HostProcess fresh, string changes)
    {
        var rows = await JournalRows.Read(database);
        var stored = rows.Where(r => r.Cause.StartsWith("load-", StringComparison.Ordinal))
            .CountBy(r => r.Cause)
            .ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal);
        var lost = _acknowledged.Keys.Count(id => !stored.ContainsKey(id));
        var doubled = stored.Count(c => c.Value > 1);
        string[] ids = [.. rows.Select(r => r.PersistenceId).Distinct(StringComparer.Ordinal)];
        var unread = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            ids,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (id, _) =>
            {
                if (PathOf(id) is { } path && !await fresh.Answers(path))
                {
                    unread.Add(id);
                }
            }
        );
        var listed = await fresh.Get<UnreadableReply>("/training/health/unreadable");
        var line =
            $"{changes}: commands {_next + 1}, acknowledged {Acknowledged}, stored {stored.Count}, lost {lost}, "
            + $"doubled {doubled}, unreadable {unread.Count} of {ids.Length}";
        Assert.True(
            (lost, doubled, unread.Count, stored.Count, listed.Entities.Count) == (0, 0, 0, Acknowledged, 0),
            $"{line}; {string.Join(", ", unread.Take(5))} {listed}"
        );
        return line;
    }

    private async Task Send(int sender)
    {
        while (!_stopped)
        {
            var n = Interlocked.Increment(ref _next);
            var (path, command) = Command(n % entities, n / entities);
            var next = sender;
            await Eventually.Is(() => nodes[next++ % nodes.Count].TryAccepted(path, command));
            _acknowledged[command.Header.CommandId] = true;
            await Task.Delay(Pause);
        }
    }

    private static (string Path, ICommand Command) Command(int entity, int round)
    {
        var header = new CommandHeader { CommandId = $"load-{entity}-{round}" };
        return (entity % 10) switch
        {
            0 => (
                $"/training/monitor/app:{entity}/rules",
                new SetRules
                {
                    Header = header,
                    SourceId = $"app:{entity}",
                    Rules =
                    {
                        new ThresholdRule
                        {
                            RuleId = "high",
                            Metric = "load",
                            Comparison = Comparison.Above,
                            Threshold = round,
                            Severity = Severity.Warning,
                        },
                    },
                }
            ),
            1 => (
                $"/training/users/user-{entity}/interactions",
                new RecordInteraction
                {
                    Header = header,
                    UserId = $"user-{entity}",
                    CandidateId = $"user-{entity + 1}",
                    User = AgeCity.Person(20 + (entity % 40)),
                    Candidate = AgeCity.Person(20 + (round % 40)),
                    Label = 1,
                }
            ),
            _ => (
                $"/training/users/user-{entity}/profile",
                new UpdateProfile
                {
                    Header = header,
                    UserId = $"user-{entity}",
                    Profile = AgeCity.Person(20 + (round % 40)),
                }
            ),
        };
    }

    /// <summary>Buckets of pending users have no endpoint; they are asked by the product itself.</summary>
    private static string? PathOf(string persistenceId) =>
        persistenceId.StartsWith("user-", StringComparison.Ordinal)
            ? $"/training/users/{persistenceId["user-".Length..]}"
        : persistenceId.StartsWith("collector-app:", StringComparison.Ordinal)
            ? $"/training/monitor/{persistenceId["collector-".Length..]}/alerts"
        : null;
}
