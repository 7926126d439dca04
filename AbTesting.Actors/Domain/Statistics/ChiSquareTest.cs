using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <param name="DegreesOfFreedom">0 when a table has but one row or column.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ChiSquareTest(double Statistic, double P, int DegreesOfFreedom);
