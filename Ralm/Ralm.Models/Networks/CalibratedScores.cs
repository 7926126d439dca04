using Ralm.Models.Tensors;
using Ralm.Ranking.Calibration;
using static TorchSharp.torch;

namespace Ralm.Models.Networks;

/// <summary>
/// The one way from logits to the probabilities that are told: offline figures are of what is served. The last bits of a logit
/// depend on how many rows are computed at once, so it is rounded first: rows with equal inputs stay equal, wherever they are
/// asked about, and a figure that counts ties does not depend on it.
/// </summary>
internal static class CalibratedScores
{
    /// <summary>Steps of one: below half of it nothing is told. Logits beyond 4 are as coarse by themselves.</summary>
    private const float Grid = 1 << 22;

    public static void Write(Tensor logits, ScoreCalibration calibration, Span<float> probabilities)
    {
        var rounded = FlatVector.Read(logits);
        for (var row = 0; row < rounded.Length; row++)
        {
            rounded[row] = MathF.Round(rounded[row] * Grid) / Grid;
        }

        calibration.Probabilities(rounded, probabilities);
    }
}
