using System.Runtime.InteropServices;

namespace Ralm.Drift.Anomalies.Benchmark;

/// <summary>Rows, from 0, in which an anomaly is to be found; both ends belong to it.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NabWindow(int First, int Last)
{
    public int Length => Last - First + 1;
}
