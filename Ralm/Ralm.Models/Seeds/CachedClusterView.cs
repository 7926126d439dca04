using Ralm.Models.Networks;
using Ralm.Models.Tensors;

namespace Ralm.Models.Seeds;

/// <summary>
/// A <see cref="ClusterView"/> of some clusters in managed memory: (width + 3) × 4 bytes for each. Of a candidate it holds the
/// clusters that are used, and so never more than seeds.
/// </summary>
internal sealed record CachedClusterView(float[] Compared, float[] Lengths, float[] LogSizes, float[] Logits)
{
    /// <param name="view">A single row of clusters, contiguous on the CPU.</param>
    public static CachedClusterView Of(ClusterView view, int from, int clusters)
    {
        return new CachedClusterView(Part(view.Compared), Part(view.Lengths), Part(view.LogSizes), Part(view.Logits));

        float[] Part(TorchSharp.torch.Tensor all)
        {
            var width = (int)(all.numel() / view.Lengths.numel());
            return FlatVector.Span(all).Slice(from * width, clusters * width).ToArray();
        }
    }
}
