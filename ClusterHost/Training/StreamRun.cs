using System.Diagnostics;
using Ralm.Datasets.Preparation;
using Ralm.Datasets.Streams;
using Ralm.Drift.TestThenTrain;
using Ralm.Ranking.Online;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Training;

/// <summary>A stream from its first row to its last: the first ones fit schema and base, every other is scored and then learned.</summary>
public sealed class StreamRun(RowStream stream, ulong seed, IProgressView view)
{
    private const int LeastFirst = 200;
    private const int MostFirst = 10_000;
    private const int ReportEvery = 1_000;
    private const int MostAlarmRows = 100;

    private readonly List<long> _alarmRows = [];
    private long _rows;
    private long _repeated;
    private double _last;

    /// <exception cref="BadTableException">The table is not usable, or too short.</exception>
    public StreamSummary Run(CancellationToken ct)
    {
        view.Step("read");
        var order = stream.Look(ct);
        view.Progress(1, $"{order.Rows:N0} rows{(order.IsInOrder ? "" : ", to be sorted by their times")}");
        view.Step("stream");
        var watch = Stopwatch.StartNew();
        using var rows = stream.Read(order, ct).GetEnumerator();
        var first = Take(rows, (int)Math.Clamp(order.Rows / 10, LeastFirst, MostFirst));
        var encoder = RowEncoder.Fit(stream.Numbers, stream.Fitters(), first.Select(r => r.Features));
        var learner = new StreamLearner(
            [.. first.Select(r => Encoded(encoder, r))],
            [.. first.Select(r => r.Label)],
            encoder.Numbers,
            encoder.Width,
            seed
        );
        _rows = first.Count;
        _last = first[^1].Label;
        while (rows.MoveNext())
        {
            Next(learner, encoder, rows.Current, order.Rows);
        }

        if (learner.Served.Rows == 0)
        {
            throw TooShort(first.Count);
        }

        view.Progress(1, $"{_rows:N0} rows");
        view.Finish();
        return Summary(learner, first.Count, watch.Elapsed);
    }

    private void Next(StreamLearner learner, RowEncoder encoder, LabelledRow row, long all)
    {
        var alarms = learner.Alarms;
        learner.Next(Encoded(encoder, row), row.Label);
        _rows++;
        _repeated += _last > 0.5 == row.Label > 0.5 ? 1 : 0;
        _last = row.Label;
        if (learner.Alarms > alarms && _alarmRows.Count < MostAlarmRows)
        {
            _alarmRows.Add(_rows);
        }

        if (_rows % ReportEvery == 0)
        {
            view.Progress((double)_rows / all, $"{_rows:N0} rows, accuracy {learner.Served.Accuracy:F4}");
        }
    }

    private StreamSummary Summary(StreamLearner learner, int first, TimeSpan took) =>
        new(
            _rows,
            Math.Round(learner.Served.Accuracy, 4),
            Math.Round(learner.Served.Auc, 4),
            Math.Round(learner.Served.LogLoss, 4),
            Math.Round(learner.Frozen.Accuracy, 4),
            Math.Round(learner.Frozen.Auc, 4),
            learner.Alarms,
            learner.Reactions,
            stream.Name,
            Math.Round(learner.Frozen.LogLoss, 4),
            Math.Round((double)_repeated / learner.Served.Rows, 4),
            first,
            stream.BadRows,
            _alarmRows,
            Math.Round(_rows / took.TotalSeconds)
        );

    private List<LabelledRow> Take(IEnumerator<LabelledRow> rows, int count)
    {
        var taken = new List<LabelledRow>(count);
        while (taken.Count < count)
        {
            if (!rows.MoveNext())
            {
                throw TooShort(taken.Count);
            }

            taken.Add(rows.Current);
        }

        return taken;
    }

    private BadTableException TooShort(int rows) =>
        new($"{stream.Name}: has {rows:N0} rows; must be more than {LeastFirst}, to which the base is fitted");

    private static double[] Encoded(RowEncoder encoder, LabelledRow row)
    {
        var encoded = new double[encoder.Width];
        encoder.Encode(row.Features, encoded);
        return encoded;
    }
}
