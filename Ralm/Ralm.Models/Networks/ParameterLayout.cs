using System.Collections.Immutable;

namespace Ralm.Models.Networks;

/// <summary>One parameter tensor: its place in the flat vector, and the bound of its uniform first values.</summary>
/// <param name="Bound">First values are uniform in (-Bound, Bound); 0 starts at zero.</param>
/// <param name="Diagonal">Added to the first values of a square matrix's diagonal, or of a single number.</param>
public sealed record ParameterSpec(
    string Name,
    ImmutableArray<long> Shape,
    int Offset,
    int Length,
    float Bound,
    float Diagonal = 0
);

/// <summary>All parameters of a model, one behind the other in one flat vector, named as PyTorch would name them.</summary>
public sealed record ParameterLayout(ImmutableArray<ParameterSpec> Parameters)
{
    public static readonly ParameterLayout Empty = new(ImmutableArray<ParameterSpec>.Empty);

    public int Length => Parameters.IsEmpty ? 0 : Parameters[^1].Offset + Parameters[^1].Length;

    public ParameterLayout With(string name, float bound, params ReadOnlySpan<long> shape)
    {
        var length = 1L;
        foreach (var side in shape)
        {
            length *= side;
        }

        return new(Parameters.Add(new(name, [.. shape], Length, checked((int)length), bound)));
    }

    /// <summary>A square matrix that starts as a multiple of the identity, or a single number.</summary>
    public ParameterLayout WithDiagonal(string name, float value, params ReadOnlySpan<long> shape)
    {
        var added = With(name, 0, shape);
        return new(
            added.Parameters.SetItem(added.Parameters.Length - 1, added.Parameters[^1] with { Diagonal = value })
        );
    }

    /// <summary>A linear layer whose bias starts at zero: inputs around zero stay around zero, and cosines can differ.</summary>
    public ParameterLayout WithCentred(string name, int inputs, int outputs) =>
        With($"{name}.weight", 1 / MathF.Sqrt(inputs), outputs, inputs).With($"{name}.bias", 0, outputs);

    /// <summary>Weight and bias of a linear layer, both uniform in 1/sqrt(inputs): PyTorch's default.</summary>
    public ParameterLayout WithLinear(string name, int inputs, int outputs)
    {
        var bound = 1 / MathF.Sqrt(inputs);
        return With($"{name}.weight", bound, outputs, inputs).With($"{name}.bias", bound, outputs);
    }
}
