using System.Globalization;
using CsvHelper;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>The timeline as a table, a row per moment, arm and metric; then the segments as they are at its end.</summary>
public static class CsvReport
{
    public static string Write(IWireMessage message)
    {
        var report = (ReportReply)message;
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var csv = new CsvWriter(text, CultureInfo.InvariantCulture);
        var moments = report.Timeline.SelectMany(m => m.Comparisons.Select(c => Row(m, m.Units, c, null)));
        var segments = report.Segments.SelectMany(s =>
            s.Comparisons.Select(c => Row(report.Timeline.LastOrDefault(), s.Units, c, s))
        );
        csv.WriteRecords(moments.Concat(segments));
        csv.Flush();
        return text.ToString();
    }

    private static object Row(Moment? moment, long units, ArmComparison c, SegmentEvidence? segment) =>
        new
        {
            sequence_nr = moment?.SequenceNr,
            at = moment?.At?.ToDateTime().ToString("O", CultureInfo.InvariantCulture),
            units,
            metric = c.Metric,
            arm = c.Arm,
            control_mean = c.ControlMean,
            arm_mean = c.ArmMean,
            effect = c.Effect,
            effect_low = c.EffectLow,
            effect_high = c.EffectHigh,
            p_value = c.PValue,
            adjusted_p = c.AdjustedP,
            split_p = moment?.SampleRatio.Select(s => Math.Min(s.AnytimeP, s.ChiSquareP)).DefaultIfEmpty(1).Min(),
            segment_feature = segment?.Feature,
            segment_value = segment?.Value,
        };
}
