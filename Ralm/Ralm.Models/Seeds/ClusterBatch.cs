using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Seeds;

/// <summary>Clusters of any candidates in a single row, viewed together, with no place left empty.</summary>
/// <param name="most">Clusters there is room for.</param>
internal sealed class ClusterBatch(ISeededModel model, ParameterSet weights, int most) : IDisposable
{
    private readonly Tensor _centres = FlatVector.Allocate(most, model.RepresentationWidth);
    private readonly Tensor _logSizes = FlatVector.Allocate(most);
    private int _count;

    /// <summary>All clusters of a candidate.</summary>
    public void Add(SeedClusters clusters)
    {
        var count = clusters.Sizes.Length;
        clusters.Write(-1, default, Centres(count), LogSizes(count));
        _count += count;
    }

    /// <summary>One cluster, without one of its seeds.</summary>
    /// <param name="except">That seed's representation.</param>
    public void Add(SeedClusters clusters, int cluster, ReadOnlySpan<float> except)
    {
        LogSizes(1)[0] = clusters.WriteOne(cluster, except, Centres(1));
        _count++;
    }

    /// <summary>Of all that were added, in their order; then it is empty again.</summary>
    /// <returns>On the CPU; it lives as long as the current dispose scope.</returns>
    public ClusterView View()
    {
        var device = weights.Values.device;
        var view = model.View(
            weights,
            FlatVector.Part(_centres, 0, _count, device),
            FlatVector.Part(_logSizes, 0, _count, device)
        );
        _count = 0;
        return new ClusterView(
            FlatVector.OnCpu(view.Compared),
            FlatVector.OnCpu(view.Lengths),
            FlatVector.OnCpu(view.LogSizes),
            FlatVector.OnCpu(view.Logits)
        );
    }

    public void Dispose()
    {
        _centres.Dispose();
        _logSizes.Dispose();
    }

    private Span<float> Centres(int count) =>
        FlatVector.Span(_centres).Slice(_count * model.RepresentationWidth, count * model.RepresentationWidth);

    private Span<float> LogSizes(int count) => FlatVector.Span(_logSizes).Slice(_count, count);
}
