namespace Ralm.Ranking.Online;

/// <summary>From a row's encoded features to a learner's inputs, by what has been seen until now.</summary>
/// <param name="numbers">The first so many are numbers that want a scale; NaN: missing.</param>
/// <param name="width">Encoded numbers of a row.</param>
public sealed class OnlineInputs(int numbers, int width)
{
    private readonly RunningScale _scale = new(numbers);
    private readonly LabelHistory _history = new();

    /// <summary>Inputs of a row.</summary>
    public int Width => LabelHistory.Width + 1 + width;

    public OnlineRow Next(ReadOnlySpan<double> encoded)
    {
        var inputs = new double[Width];
        _history.Write(inputs);
        inputs[LabelHistory.Width] = 1;
        var own = inputs.AsSpan(LabelHistory.Width + 1);
        encoded.CopyTo(own);
        for (var k = 0; k < numbers; k++)
        {
            if (double.IsNaN(encoded[k]))
            {
                own[k] = 0;
                continue;
            }

            _scale.Add(k, encoded[k]);
            own[k] = _scale.Scaled(k, encoded[k]);
        }

        return OnlineRow.Of(inputs);
    }

    /// <summary>The label of the last row is known.</summary>
    public void Add(double label) => _history.Add(label);
}
