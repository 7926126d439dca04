using System.Collections.Immutable;

namespace Ralm.Drift.Anomalies;

/// <summary>A node's series in one window.</summary>
/// <param name="Series">That have said something in it.</param>
/// <param name="Anomalous">Names of those that had an anomaly, in order.</param>
/// <param name="Rate">Share of the anomalous ones, 0 to 1; 0 without series.</param>
/// <param name="IsAlarm">Enough of them, and a large enough share.</param>
public sealed record NodeAnomalies(int Series, ImmutableArray<string> Anomalous, double Rate, bool IsAlarm);
