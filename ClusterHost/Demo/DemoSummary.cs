using System.Text.Json;
using System.Text.Json.Serialization;
using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Demo;

/// <summary>Discrimination of one model in one period, beside the best possible on the same pairs.</summary>
/// <param name="Seeds">On average, those that a score rests on.</param>
public sealed record AucPair(double Auc, double BayesAuc, int Pairs, double Seeds)
{
    public double OfBayes => BayesAuc == 0 ? 0 : Math.Round(Auc / BayesAuc, 4);
}

/// <summary>Both arms before and after the taste drift.</summary>
/// <param name="LastQuarter">Of the pairs after it.</param>
public sealed record ArmSummary(string Arm, AucPair BeforeDrift, AucPair AfterDrift, AucPair LastQuarter);

/// <summary>AUC of what was shown and of the starting weights, on the newest 1,000 samples before they were learned.</summary>
/// <param name="Samples">Learned until then.</param>
public sealed record CurvePoint(long Samples, double Served, double Frozen)
{
    public static CurvePoint Of(LineageMeasured m) =>
        new(m.Samples, Math.Round(m.Served.Auc, 4), Math.Round(m.Frozen.Auc, 4));
}

public sealed record VerdictSummary(
    string Winner,
    string Recommendation,
    double PValue,
    double Effect,
    double EffectLow,
    double EffectHigh,
    IReadOnlyList<ArmCounts> Arms
)
{
    public static VerdictSummary Of(Verdict verdict) =>
        new(
            verdict.Winner,
            verdict.Recommendation,
            verdict.Evidence?.PValue ?? 1,
            verdict.Evidence?.Effect ?? 0,
            verdict.Evidence?.EffectLow ?? 0,
            verdict.Evidence?.EffectHigh ?? 0,
            [.. verdict.Arms.Select(a => new ArmCounts(a.Arm, a.Units, a.Converted))]
        );
}

public sealed record ArmCounts(string Arm, long Units, long Converted);

public sealed record LatencySummary(double P50Ms, double P99Ms, long Count)
{
    public static LatencySummary Of(LatencyRecorder recorder) => new(recorder.P50Ms, recorder.P99Ms, recorder.Count);
}

/// <summary>Everything the demo measured; with <c>--json</c> it is printed as one line of snake_case JSON.</summary>
public sealed record DemoSummary
{
    public required int Seed { get; init; }
    public required string OfflineWeightsHash { get; init; }
    public required double OfflineValidAuc { get; init; }
    public required double OfflineBayesAuc { get; init; }
    public required int OfflineEpochs { get; init; }
    public required string LineageWeightsHash { get; init; }
    public required string LineageReplayedHash { get; init; }
    public required long LineageBatches { get; init; }
    public required long SamplesSent { get; init; }
    public required long SamplesAccepted { get; init; }
    public required long SamplesLearned { get; init; }

    /// <summary>They did not fit the model's schema.</summary>
    public required long SamplesPassedOver { get; init; }

    /// <summary>Of batches that could not be learned.</summary>
    public required long SamplesSetAside { get; init; }
    public required long SamplesPending { get; init; }
    public required long SamplesLost { get; init; }
    public required long SamplesDoubled { get; init; }

    /// <summary>Of those sent, with what the model had made of seeds for the score.</summary>
    public required long SamplesWithLookAlike { get; init; }
    public required ArmSummary Frozen { get; init; }
    public required ArmSummary Online { get; init; }

    /// <summary>Times that the online lineage noticed that its predictions had become worse.</summary>
    public required long Alarms { get; init; }

    /// <summary>Of these, how often what it learned then was better.</summary>
    public required long ReactionsWon { get; init; }

    /// <summary>Of the online lineage.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>From when a sample happened until weights that had learned it were with whoever serves them.</summary>
    public required double PublishedAfterP50Ms { get; init; }
    public required double PublishedAfterP95Ms { get; init; }
    public required VerdictSummary Verdict { get; init; }
    public required string PromotedVersion { get; init; }

    /// <summary>Null: nothing was trained anew.</summary>
    public required RetrainedSummary? Retrained { get; init; }
    public required int Visits { get; init; }
    public required LatencySummary AddSample { get; init; }
    public required LatencySummary Score { get; init; }
    public required double AssignmentNs { get; init; }
    public required int MetricsWatched { get; init; }
    public required int Alerts { get; init; }
    public required double PeakMemoryMb { get; init; }
    public required double DurationS { get; init; }

    /// <summary>The journal gave the same weights again.</summary>
    public bool Replays => LineageWeightsHash == LineageReplayedHash;

    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);
}
