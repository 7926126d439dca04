using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Training;

/// <summary>Every row tests once: one run for each part of the rows, one after another, on a node that has them all.</summary>
public sealed class CrossValidation(OfflineTraining training)
{
    /// <summary>Folds at most: each is a whole training.</summary>
    public const int MaxFolds = 100;

    /// <summary>The tables once for every part, <c>fold-0</c> and so on in the folder.</summary>
    /// <exception cref="CommandLineException">The tables or the number of folds are not usable.</exception>
    public static IReadOnlyList<PreparedTables> Prepare(
        TablesOptions options,
        int folds,
        string folder,
        IProgressView view,
        CancellationToken ct
    )
    {
        if (folds is < 2 or > MaxFolds)
        {
            throw new CommandLineException($"--folds {folds} must be 2 to {MaxFolds}");
        }

        var parts = Enumerable
            .Range(0, folds)
            .Select(fold =>
            {
                var part = options.Preparation with { Folds = folds, Fold = fold };
                var target = Path.Combine(folder, $"fold-{fold}", "prepared");
                return PreparedTables.Prepare(options with { Preparation = part }, target, view, ct);
            });
        return [.. parts];
    }

    /// <param name="each">Told of every fold as it ends, from 0.</param>
    /// <exception cref="CommandLineException">A run failed.</exception>
    public async Task<FoldsSummary> Run(
        IReadOnlyList<PreparedTables> parts,
        TrainingConfig config,
        Action<int, TrainingSummary> each,
        CancellationToken ct
    )
    {
        var summaries = new List<TrainingSummary>();
        foreach (var part in parts)
        {
            summaries.Add(await training.Run(part, config, ct));
            each(summaries.Count - 1, summaries[^1]);
        }

        return new FoldsSummary(summaries);
    }
}

/// <summary>What cross-validation found, for a person or as one line of JSON.</summary>
public sealed record FoldsSummary(IReadOnlyList<TrainingSummary> Folds)
{
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                dataset = Folds[0].Data.Meta.Name,
                folds = Folds.Select(f => f.Figures()),
                test_rows = Folds.Sum(f => f.Evaluation.Rows),
                auc_mean = Figure("auc") is { } auc ? Math.Round(auc.Mean, 4) : (double?)null,
                auc_spread = Figure("auc") is { } a ? Math.Round(a.Spread, 4) : (double?)null,
                log_loss_mean = Figure("log_loss") is { } loss ? Math.Round(loss.Mean, 4) : (double?)null,
                log_loss_spread = Figure("log_loss") is { } l ? Math.Round(l.Spread, 4) : (double?)null,
            },
            JsonLine.Options
        );

    /// <summary>One fold in a line.</summary>
    public static string Line(int fold, TrainingSummary summary) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"fold {fold}: {summary.Evaluation.Rows:N0} test rows, AUC {Text(summary, "auc")}, log loss {Text(summary, "log_loss")}, {summary.Run.Epochs.Count} epochs, {summary.Took.TotalSeconds:F1} s"
        );

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Folds[0].Data.Meta.Name}: {Folds.Count} folds, {Folds.Sum(f => f.Evaluation.Rows):N0} test rows
            AUC {Text(Figure("auc"))}, log loss {Text(Figure("log_loss"))}: mean over the rows, and the folds' spread
            {string.Join(
                '\n',
                Folds.SelectMany(f => f.Data.Meta.Warnings).Distinct(StringComparer.Ordinal).Select(w =>
                    $"warning: {w}"
                ).Append($"report of the tables: {Folds[0].Data.ReportPath}")
            )}
            """
        );

    /// <summary>Null where no fold has it: all labels of each are equal.</summary>
    private FoldFigures? Figure(string metric)
    {
        var folds = Folds
            .Select(f => (Estimate: Find(f, metric), f.Evaluation.Rows))
            .Where(f => f.Estimate is not null)
            .Select(f => (f.Estimate!.Value, f.Rows))
            .ToArray();
        return folds.Length == 0 ? null : FoldFigures.Of(folds);
    }

    private static Estimate? Find(TrainingSummary fold, string metric) =>
        fold.Evaluation.Metrics.FirstOrDefault(m => m.Metric == metric);

    private static string Text(TrainingSummary fold, string metric) => $"{Find(fold, metric)?.Value:F4}";

    private static string Text(FoldFigures? figure) =>
        figure is { } f ? string.Create(CultureInfo.InvariantCulture, $"{f.Mean:F4} ± {f.Spread:F4}") : "-";
}
