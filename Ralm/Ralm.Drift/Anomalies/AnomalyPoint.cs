using System.Runtime.InteropServices;

namespace Ralm.Drift.Anomalies;

/// <summary>What a detector says of its newest point.</summary>
/// <param name="Score">
/// 0 to 1. Of a point that is told: risk / (risk + chance), .5 at a chance of just the risk, .91 at a tenth of it. Of a
/// repeat: half of that, and so below .5.
/// </param>
/// <param name="Cause"><see cref="AnomalyCause.None"/> where nothing was unusual.</param>
/// <param name="IsRepeat">It is as unusual as an anomaly, shortly after one that was told.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnomalyPoint(double Score, AnomalyCause Cause, bool IsRepeat)
{
    /// <summary>Of a score: from here on it is an anomaly.</summary>
    public const double Threshold = 0.5;

    /// <summary>To be told to somebody.</summary>
    public bool IsAnomaly => Score >= Threshold;
}
