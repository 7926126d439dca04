using System.Globalization;
using System.Numerics;
using Ralm.Ranking.Statistics;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.OffPolicy;

/// <summary>What an experiment has measured of one arm: the mean of its primary metric over units, and its interval.</summary>
public sealed record MeasuredArm(
    string ExperimentId,
    string Arm,
    string Metric,
    double Value,
    double Lower,
    double Upper,
    long Units
);

/// <summary>Experiments of a journal that show a policy, and what they have measured of it.</summary>
public sealed class ExperimentResults(PolicyQuestion question)
{
    private const string OfExperiments = $"{RegionNames.AbTest}-";

    /// <summary>Values are kept in millionths.</summary>
    private const double Unit = 1e6;
    private const double Tail = 0.025;

    private readonly List<Followed> _followed = [];

    /// <param name="persistenceId">Whose event it is.</param>
    public void Hear(string persistenceId, IEvent e)
    {
        if (!persistenceId.StartsWith(OfExperiments, StringComparison.Ordinal))
        {
            return;
        }

        var id = persistenceId[OfExperiments.Length..];
        switch (e)
        {
            case ExperimentCreated created when ArmOf(created.Definition) is { } arm && IsAsked(id):
                _followed.Add(new Followed(id, arm.Name, MetricOf(created.Definition)));
                break;
            case CellReported reported:
                _followed.Find(f => f.Id == id)?.Cells[reported.Cell] = reported;
                break;
        }
    }

    /// <summary>Of the newest experiment that has seen a unit; null: there is none.</summary>
    public MeasuredArm? Newest() =>
        _followed.AsEnumerable().Reverse().Select(Measure).FirstOrDefault(m => m is not null);

    private bool IsAsked(string id) => question.ExperimentId is null || id == question.ExperimentId;

    private Arm? ArmOf(ExperimentDefinition definition) =>
        // With other settings it is another policy: nobody has been shown it.
        question.Settings.Count > 0
            ? null
            : definition.Arms.FirstOrDefault(a =>
                (question.Kind == PolicyKind.Lineage ? a.LineageId : a.VersionId) == question.Id
            );

    private static string MetricOf(ExperimentDefinition definition) =>
        definition.Metric.Length > 0 ? definition.Metric : definition.Metrics.FirstOrDefault()?.Name ?? "";

    private static MeasuredArm? Measure(Followed f)
    {
        var (units, sum, squares) = (0L, BigInteger.Zero, BigInteger.Zero);
        foreach (var arm in f.Cells.Values.SelectMany(c => c.Arms).Where(a => a.Arm == f.Arm && a.Metric == f.Metric))
        {
            units += arm.Units;
            sum += Number(arm.Sums?.Y);
            squares += Number(arm.Sums?.YSquared);
        }

        if (units == 0)
        {
            return null;
        }

        var mean = (double)sum / Unit / units;
        var variance = units < 2 ? 0 : Math.Max(0, ((double)squares / (Unit * Unit) / units) - (mean * mean));
        var half = Tails.NormalQuantile(Tail) * Math.Sqrt(variance / Math.Max(1, units - 1));
        return new MeasuredArm(f.Id, f.Arm, f.Metric, mean, mean - half, mean + half, units);
    }

    private static BigInteger Number(string? digits) =>
        string.IsNullOrEmpty(digits) ? BigInteger.Zero : BigInteger.Parse(digits, CultureInfo.InvariantCulture);

    private sealed record Followed(string Id, string Arm, string Metric)
    {
        /// <summary>The newest report of each.</summary>
        public Dictionary<int, CellReported> Cells { get; } = [];
    }
}
