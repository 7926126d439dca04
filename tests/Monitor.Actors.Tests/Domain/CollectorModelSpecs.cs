using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

public class CollectorModelSpecs
{
    private static readonly double[] Odd = [double.NaN, double.PositiveInfinity, -0.0, double.MaxValue, 1e-300];

    [Fact]
    public void A_collector_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<CollectorState>(Source, Next)
        {
            Steps = 60,
            Invariant = EveryPointIsThere,
            Effect = (random, state) =>
                state.Notice(T0.AddSeconds(random.Next(400)), T0) is { Events.IsEmpty: false } noticed ? noticed : null,
        }.Check();

    private static ICommand Next(Random random, CollectorState state, int nr) =>
        random.Next(13) switch
        {
            0 => Rules(
                $"c-{nr}",
                Rule(forSeconds: random.Next(3)),
                Odder(random, Rule("b", threshold: random.Next(100)))
            ),
            12 => new LiftSilence
            {
                Header = new CommandHeader { CommandId = $"c-{nr}" },
                SourceId = Source,
                RuleId = random.Next(2) == 0 ? "b" : "cpu-high",
            },
            1 => Silence($"c-{nr}", random.Next(2) == 0 ? "b" : "no-such", T0.AddSeconds(random.Next(200))),
            2 => Sampling($"c-{nr}", T0.AddSeconds(nr), ("bad name", 1)),
            _ => Sampling(
                $"c-{nr}",
                T0.AddMilliseconds(nr * 1000 + random.Next(900)),
                [
                    ("cpu", random.Next(4) == 0 ? random.GetItems(Odd, 1)[0] : random.Next(200)),
                    .. Enumerable.Range(0, random.Next(4)).Select(i => ($"m{i}", random.NextDouble())),
                ]
            ),
        };

    private static ThresholdRule Odder(Random random, ThresholdRule rule)
    {
        rule.NoData = (NoData)random.Next(4);
        rule.KeepFiringSeconds = random.Next(5);
        rule.ResolveThreshold = rule.Threshold - random.Next(10);
        return rule;
    }

    private static void EveryPointIsThere(CollectorState state, IReadOnlyList<IEvent> journal)
    {
        var names = new List<string>();
        var expected = new List<double>();
        foreach (var sampling in journal.OfType<MetricsRecorded>())
        {
            names.AddRange(sampling.Introduced);
            var cpu = sampling.Metrics.IndexOf((uint)names.IndexOf("cpu"));
            expected.Add(sampling.Values[cpu]);
        }

        var points = state.Series.Points("cpu", long.MinValue, long.MaxValue).ToArray();
        Assert.Equal(
            expected.Select(BitConverter.DoubleToInt64Bits),
            points.Select(p => BitConverter.DoubleToInt64Bits(p.Value))
        );
        Assert.All(state.Alerts.Keys, id => Assert.Contains(state.Rules, r => r.RuleId == id));
    }
}
