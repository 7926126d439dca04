using Google.Protobuf.WellKnownTypes;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// A thousand senders at once, each repeating and shuffling what it sends, while one node is killed and another one joins:
/// the experiment has counted exactly what was sent.
/// </summary>
public sealed class ExperimentTotalsSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private const int Senders = 1000;
    private static readonly int UnitsEach = Seeds.IsLong ? 12 : 1;

    /// <summary>Clocks may be five minutes apart: nothing happened before the test began.</summary>
    private static readonly DateTimeOffset Shown = TimeProvider.System.GetUtcNow().AddMinutes(-2);

    private static readonly ExperimentDefinition Definition = new()
    {
        Family = "city",
        Metrics =
        {
            new Metric { Name = "match" },
            new Metric { Name = "minutes", Kind = MetricKind.Continuous },
        },
        Arms =
        {
            new Arm
            {
                Name = "a",
                Weight = 5000,
                VersionId = "v1",
            },
            new Arm
            {
                Name = "b",
                Weight = 5000,
                VersionId = "v2",
            },
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-totals-").FullName;
    private int _sent;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Totals_equal_the_ledger_whatever_is_repeated_shuffled_killed_and_moved()
    {
        await using var cluster = new HostCluster(_folder, await postgres.NewDatabase());
        // Of two nodes, none would know that it is the other one that has gone.
        await cluster.Add(3);
        foreach (var version in Definition.Arms.Select(a => a.VersionId))
        {
            var register = new Messages.Training.RegisterVersion
            {
                Header = new CommandHeader { CommandId = $"register-{version}" },
                VersionId = version,
                Artifact = SmallModel.Write(Path.Combine(_folder, "models"), version),
            };
            await cluster[0].Accepted("/training/registry/city/versions", register);
        }

        await cluster[0].Accepted("/training/ab-testing", Create());
        await cluster[0].Accepted("/training/ab-testing/t/start", Start());

        var assignment = new Assignment(
            new RunningExperiment
            {
                Salt = "t",
                Arms = { Definition.Arms },
                Exposure = Assignment.Buckets,
                Cells = 16,
            }
        );
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(s => Send(cluster, s, assignment))];
        await Reaches(Senders * UnitsEach, senders);
        await cluster[1].KillNine();
        var added = await cluster.Add();
        await Task.WhenAll(senders);

        var expected = Enumerable.Range(0, Senders * UnitsEach).Select(u => Fate(u, assignment)).ToArray();
        var counted = new ExperimentReply();
        await Eventually.Is(async () =>
        {
            counted = await cluster[0].Get<ExperimentReply>("/training/ab-testing/t");
            return counted.Current.Arms.Where(a => a.Metric == "match").Sum(a => a.Units) == expected.Length
                && counted.Current.Arms.Where(a => a.Metric == "minutes").Sum(a => a.Converted)
                    == expected.Count(f => f.Minutes > 0)
                && counted.Current.Arms.Where(a => a.Metric == "match").Sum(a => a.Converted)
                    == expected.Count(f => f.Matches);
        });

        output.WriteLine(
            $"{_sent:N0} messages of {Senders:N0} senders for {expected.Length:N0} units; the fourth node joined in "
                + $"{added.TotalSeconds:F1} s"
        );
        foreach (var arm in Definition.Arms)
        {
            var own = expected.Where(f => f.Arm == arm.Name).ToArray();
            var (match, minutes) = (Statistics(counted, arm.Name, "match"), Statistics(counted, arm.Name, "minutes"));
            Assert.Equal(own.Length, match.Units);
            Assert.Equal(own.Count(f => f.Matches), match.Converted);
            Assert.Equal($"{own.Sum(f => (long)f.Minutes)}000000", minutes.Sums.Y);
            Assert.Equal($"{own.Sum(f => (long)f.Minutes * f.Minutes)}000000000000", minutes.Sums.YSquared);
        }
    }

    private async Task Reaches(int sent, Task[] senders)
    {
        await Eventually.Is(() => Volatile.Read(ref _sent) >= sent || senders.Any(s => s.IsFaulted));
        await Task.WhenAll(senders.Where(s => s.IsFaulted));
    }

    /// <summary>One unit after the other: its exposure and outcomes in any order, each once or twice, to any node.</summary>
    private async Task Send(HostCluster cluster, int sender, Assignment assignment)
    {
        var random = new Random(sender);
        for (var n = 0; n < UnitsEach; n++)
        {
            var fate = Fate((sender * UnitsEach) + n, assignment);
            var messages = fate.Messages().ToArray();
            var twice = messages.Concat(messages.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(twice);
            foreach (var (path, message) in twice)
            {
                await cluster.Accepted(path, message, random.Next(4));
                Interlocked.Increment(ref _sent);
            }
        }
    }

    private static ArmStatistics Statistics(ExperimentReply test, string arm, string metric) =>
        test.Current.Arms.Single(a => a.Arm == arm && a.Metric == metric);

    private static UnitFate Fate(int unit, Assignment assignment)
    {
        var assigned = assignment.Assign($"unit-{unit}");
        return new UnitFate(
            $"unit-{unit}",
            Definition.Arms[assigned.Arm].Name,
            unit % 7 == 0,
            unit % 3 == 0 ? 0 : unit % 50
        );
    }

    private static CreateExperiment Create() =>
        new()
        {
            Header = new CommandHeader { CommandId = "create" },
            ExperimentId = "t",
            Definition = Definition,
        };

    private static StartExperiment Start() =>
        new()
        {
            Header = new CommandHeader { CommandId = "start" },
            ExperimentId = "t",
        };

    private sealed record UnitFate(string Unit, string Arm, bool Matches, int Minutes)
    {
        public IEnumerable<(string Path, ICommand Message)> Messages()
        {
            const string Test = "/training/ab-testing/t";
            yield return (
                $"{Test}/exposures",
                new RecordExposure
                {
                    Header = new CommandHeader { CommandId = $"{Unit}-shown" },
                    ExperimentId = "t",
                    Unit = Unit,
                    OccurredAt = Timestamp.FromDateTimeOffset(Shown),
                }
            );
            if (Matches)
            {
                yield return ($"{Test}/outcomes", Outcome("match", 1));
            }

            if (Minutes > 0)
            {
                yield return ($"{Test}/outcomes", Outcome("minutes", Minutes));
            }
        }

        private RecordOutcome Outcome(string metric, double value) =>
            new()
            {
                Header = new CommandHeader { CommandId = $"{Unit}-{metric}" },
                ExperimentId = "t",
                Unit = Unit,
                Metric = metric,
                Value = value,
                OccurredAt = Timestamp.FromDateTimeOffset(Shown.AddMinutes(1)),
            };
    }
}
