namespace Ralm.Ranking.Online;

/// <summary>
/// What the labels were until now: whoever tests and then trains knows them. The last three, and their share at five
/// paces of forgetting.
/// </summary>
public sealed class LabelHistory
{
    /// <summary>Inputs it makes.</summary>
    public const int Width = 8;

    private const int Last = 3;

    /// <summary>Rows after which a label weighs half.</summary>
    private static readonly double[] HalfLives = [3, 10, 40, 160, 640];

    private readonly double[] _last = [0.5, 0.5, 0.5];
    private readonly double[] _shares = [0.5, 0.5, 0.5, 0.5, 0.5];

    /// <summary>The labels, newest first, -1 to 1, then the shares, -2 to 2.</summary>
    public void Write(Span<double> inputs)
    {
        for (var k = 0; k < Last; k++)
        {
            inputs[k] = (2 * _last[k]) - 1;
        }

        for (var k = 0; k < HalfLives.Length; k++)
        {
            inputs[Last + k] = (4 * _shares[k]) - 2;
        }
    }

    /// <param name="label">0 to 1.</param>
    public void Add(double label)
    {
        for (var k = Last - 1; k > 0; k--)
        {
            _last[k] = _last[k - 1];
        }

        _last[0] = label;
        for (var k = 0; k < HalfLives.Length; k++)
        {
            _shares[k] += (1 - Math.Pow(0.5, 1 / HalfLives[k])) * (label - _shares[k]);
        }
    }
}
