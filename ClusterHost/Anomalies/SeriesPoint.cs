using System.Runtime.InteropServices;

namespace RalmActors.ClusterHost.Anomalies;

/// <param name="Value">As written; NaN and infinities are told to the detector, which counts them.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SeriesPoint(DateTimeOffset Time, double Value);
