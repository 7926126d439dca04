using System.Globalization;
using CsvHelper;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>All figures of an evaluation as a table, and of a comparison the differences with them: a row each.</summary>
public static class EvaluationCsv
{
    public static string Write(IWireMessage message)
    {
        var reply = (EvaluationReply)message;
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var csv = new CsvWriter(text, CultureInfo.InvariantCulture);
        csv.WriteHeader<Row>();
        csv.NextRecord();
        csv.WriteRecords(Rows(reply));
        csv.Flush();
        return text.ToString();
    }

    private static IEnumerable<Row> Rows(EvaluationReply reply)
    {
        var (e, version) = (reply.Evaluation, reply.Evaluation.VersionId);
        foreach (var m in e.Metrics)
        {
            yield return new Row(
                "figure",
                version,
                m.Metric,
                "",
                e.Rows,
                m.Value,
                m.HasLow ? m.Low : null,
                m.HasHigh ? m.High : null,
                m.HasConstant ? m.Constant : null,
                null
            );
        }

        if (e.Calibration is { } c && e.Rows > 0)
        {
            foreach (var (of, error) in ((string, double)[])[("before", c.ErrorBefore), (c.Method, c.ErrorAfter)])
            {
                yield return new Row(
                    "calibration",
                    version,
                    "calibration_error",
                    of,
                    e.Rows,
                    error,
                    null,
                    null,
                    null,
                    null
                );
            }
        }

        foreach (var s in e.Slices.Where(s => s.HasAuc))
        {
            yield return new Row(
                "slice",
                version,
                "auc",
                $"{s.Feature} {s.Value}",
                s.Rows,
                s.Auc,
                s.AucLow,
                s.AucHigh,
                null,
                null
            );
        }

        foreach (var p in e.Epochs)
        {
            yield return new Row("epoch", version, "valid_auc", $"{p.Epoch}", null, p.ValidAuc, null, null, null, null);
            yield return new Row(
                "epoch",
                version,
                "valid_log_loss",
                $"{p.Epoch}",
                null,
                p.ValidLogLoss,
                null,
                null,
                null,
                null
            );
            yield return new Row(
                "epoch",
                version,
                "train_loss",
                $"{p.Epoch}",
                null,
                p.TrainLoss,
                null,
                null,
                null,
                null
            );
        }

        foreach (var d in reply.Comparison?.Differences ?? [])
        {
            yield return new Row(
                "difference",
                $"{version} less {reply.Comparison!.AgainstVersionId}",
                d.Metric,
                "",
                e.Rows,
                d.Difference_,
                d.HasLow ? d.Low : null,
                d.HasHigh ? d.High : null,
                null,
                d.HasPValue ? d.PValue : null
            );
        }

        foreach (var s in reply.Comparison?.Slices ?? [])
        {
            yield return new Row(
                "slice difference",
                $"{version} less {reply.Comparison!.AgainstVersionId}",
                "auc",
                $"{s.Feature} {s.Value}",
                s.Rows,
                s.Difference,
                s.Low,
                s.High,
                null,
                s.PValue
            );
        }
    }

    private sealed record Row(
        string kind,
        string version,
        string metric,
        string of,
        long? rows,
        double value,
        double? low,
        double? high,
        double? constant,
        double? p_value
    );
}
