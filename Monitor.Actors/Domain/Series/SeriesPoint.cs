using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>One value at one time, in milliseconds since 1970-01-01 UTC.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SeriesPoint(long UnixMs, double Value);
