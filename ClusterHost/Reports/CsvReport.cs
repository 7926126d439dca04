using System.Globalization;
using CsvHelper;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Reports;

/// <summary>The timeline as a table: a row per moment, arm and metric.</summary>
public static class CsvReport
{
    public static string Write(IWireMessage message)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var csv = new CsvWriter(text, CultureInfo.InvariantCulture);
        csv.WriteRecords(
            ((ReportReply)message).Timeline.SelectMany(m =>
                m.Comparisons.Select(c => new
                {
                    sequence_nr = m.SequenceNr,
                    at = m.At?.ToDateTime().ToString("O", CultureInfo.InvariantCulture),
                    units = m.Units,
                    metric = c.Metric,
                    arm = c.Arm,
                    control_mean = c.ControlMean,
                    arm_mean = c.ArmMean,
                    effect = c.Effect,
                    effect_low = c.EffectLow,
                    effect_high = c.EffectHigh,
                    p_value = c.PValue,
                    adjusted_p = c.AdjustedP,
                    split_p = m.SampleRatio.Select(s => Math.Min(s.AnytimeP, s.ChiSquareP)).DefaultIfEmpty(1).Min(),
                })
            )
        );
        csv.Flush();
        return text.ToString();
    }
}
