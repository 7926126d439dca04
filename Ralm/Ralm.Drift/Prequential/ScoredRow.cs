using System.Runtime.InteropServices;
using Ralm.Drift.State;

namespace Ralm.Drift.Prequential;

/// <summary>One row and what each predictor said of it, as models say it: in single precision.</summary>
/// <param name="Label">0 to 1; above 0.5 is positive.</param>
/// <param name="Served">Probability of a positive, 0 to 1.</param>
/// <param name="Latest">Probability of a positive, 0 to 1.</param>
/// <param name="Frozen">Probability of a positive, 0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ScoredRow(float Label, float Served, float Latest, float Frozen)
{
    /// <summary>Every number is one between 0 and 1.</summary>
    public bool IsProper => IsShare(Label) && IsShare(Served) && IsShare(Latest) && IsShare(Frozen);

    public float Of(Predictor predictor) =>
        predictor switch
        {
            Predictor.Served => Served,
            Predictor.Latest => Latest,
            Predictor.Frozen => Frozen,
            _ => throw new ArgumentOutOfRangeException(nameof(predictor), predictor, "is no predictor"),
        };

    private static bool IsShare(float value) => value is >= 0 and <= 1;

    internal void Write(StateWriter state)
    {
        state.Single(Label);
        state.Single(Served);
        state.Single(Latest);
        state.Single(Frozen);
    }

    internal static ScoredRow Read(StateReader state) =>
        new(state.Single(), state.Single(), state.Single(), state.Single());
}
