using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Metrics;

/// <summary>Test rows and one version's scores of them, as they are stored.</summary>
public sealed record ScoredRows(HeldOutRows Rows, HeldOutScores Scores)
{
    /// <summary>The dataset's.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Scores of the same rows where no seeds are known; empty where the model knows none.</summary>
    public ImmutableArray<float> Cold { get; init; } = [];

    /// <summary>What was made of the model's own scores; <c>null</c>: nothing.</summary>
    public AppliedCalibration? Calibration { get; init; }

    public float[] ScoreArray() => [.. Scores.Scores];

    public EvaluationRows ToEvaluationRows() =>
        new(
            Rows.Labels.ToArray(),
            Rows.Users.ToArray(),
            Rows.Candidates.ToArray(),
            [.. Rows.Slices.Select(s => new SliceColumn(s.Feature, [.. s.Values], s.ValueOf.Memory))]
        );

    public static HeldOutSlices ToMessage(SliceColumn column) =>
        new()
        {
            Feature = column.Feature,
            Values = { column.Values },
            ValueOf = ByteString.CopyFrom(column.ValueOf.Span),
        };
}
