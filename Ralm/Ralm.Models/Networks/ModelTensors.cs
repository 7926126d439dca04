using System.Collections.Immutable;
using Ralm.Models.Artifacts;
using Ralm.Models.Tensors;
using Ralm.Ranking.Artifacts;
using static TorchSharp.torch;

namespace Ralm.Models.Networks;

/// <summary>Between a flat vector on a device and the named tensors of an artefact.</summary>
internal static class ModelTensors
{
    public static ImmutableArray<NamedTensor> Read(ParameterLayout layout, string suffix, Tensor flat)
    {
        var values = FlatVector.Read(flat);
        return
        [
            .. layout.Parameters.Select(p => new NamedTensor(
                p.Name + suffix,
                p.Shape,
                values.AsMemory(p.Offset, p.Length)
            )),
        ];
    }

    /// <exception cref="ArtifactException">A tensor is missing, of another shape, or one too many.</exception>
    public static void Assign(ParameterLayout layout, ImmutableArray<NamedTensor> tensors, string suffix, Tensor flat)
    {
        var values = new float[layout.Length];
        var byName = tensors
            .Where(t => t.Name.EndsWith(suffix, StringComparison.Ordinal))
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
        if (byName.Count != layout.Parameters.Length)
        {
            throw new ArtifactException($"{byName.Count} tensors for a model of {layout.Parameters.Length}");
        }

        foreach (var p in layout.Parameters)
        {
            if (!byName.TryGetValue(p.Name + suffix, out var tensor) || !tensor.Shape.SequenceEqual(p.Shape))
            {
                throw new ArtifactException(
                    $"tensor {p.Name}{suffix} is {Shape(tensor?.Shape ?? [])}, the model has {Shape(p.Shape)}"
                );
            }

            tensor.Values.Span.CopyTo(values.AsSpan(p.Offset));
        }

        FlatVector.Write(flat, values);
    }

    private static string Shape(ImmutableArray<long> shape) => $"[{string.Join(',', shape)}]";
}
