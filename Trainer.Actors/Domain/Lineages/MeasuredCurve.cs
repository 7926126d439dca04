using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>How good a lineage's predictions were: the newest measurements.</summary>
public static class MeasuredCurve
{
    public const int MaxPoints = 100;

    public static ImmutableList<LineageMeasured> With(this ImmutableList<LineageMeasured> curve, LineageMeasured e) =>
        curve.Count < MaxPoints ? curve.Add(e) : curve.RemoveAt(0).Add(e);
}
