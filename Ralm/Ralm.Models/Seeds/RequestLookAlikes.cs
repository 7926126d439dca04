using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Serving;
using static TorchSharp.torch;

namespace Ralm.Models.Seeds;

/// <summary>
/// What a model makes of the seeds of one request. The part that does not depend on who asks is made once and kept with the
/// clusters, until a seed comes or goes. Where whoever asks is a seed too, and so left out, the cluster of that seed is made
/// without it.
/// </summary>
internal sealed class RequestLookAlikes(ISeededModel model, ParameterSet weights, bool reciprocal) : IDisposable
{
    /// <summary>Rows that are computed at once: what they hold fits into a processor's cache.</summary>
    private const int Slice = 256;

    private readonly ClusterBatch _batch = new(model, weights, Slice * model.Clusters);
    private readonly ViewBuffer _views = new(model.Clusters, model.RepresentationWidth, Slice, weights.Values.device);
    private readonly int _sideWidth = model.LookAlikeWidth / (reciprocal ? 2 : 1);

    /// <param name="user">The same user in each row; rows × user width.</param>
    /// <param name="items">rows × candidate width.</param>
    /// <returns>rows × <see cref="ISeededModel.LookAlikeWidth"/>, zeros where there are no seeds; seeds each row rests on.</returns>
    public (float[] Numbers, int[] Seeds) Of(Score request, RequestSeeds? seeds, Tensor user, Tensor items)
    {
        var rows = request.Candidates.Count;
        var result = (Numbers: new float[rows * model.LookAlikeWidth], Seeds: new int[rows]);
        var ofCandidates = new List<Row>(rows);
        var ofUser = new List<Row>();
        for (var k = 0; seeds is not null && k < rows; k++)
        {
            Add(ofCandidates, k, seeds.Of(k), request.UserId);
            Add(ofUser, k, reciprocal ? seeds.OfUser : null, request.Candidates[k].CandidateId);
        }

        if (ofCandidates.Count > 0)
        {
            var target = Target(user).narrow(0, 0, 1);
            Write(ofCandidates, (_, _) => target, 0);
        }

        if (ofUser.Count > 0)
        {
            var targets = Target(items)
                .index_select(0, tensor(ofUser.Select(r => (long)r.Place).ToArray(), device: items.device));
            Write(ofUser, (from, count) => targets.narrow(0, from, count), _sideWidth);
        }

        return result;

        void Add(List<Row> to, int place, LiveSeeds? of, string except)
        {
            if (of is { Count: > 0 } && new Row(place, of, of.IndexOf(except)) is var row)
            {
                result.Seeds[place] += row.Count;
                if (row.Count > 0)
                {
                    to.Add(row);
                }
            }
        }

        void Write(List<Row> side, Func<int, int, Tensor> targets, int column)
        {
            for (var from = 0; from < side.Count; from += Slice)
            {
                using var scope = NewDisposeScope();
                var part = side.Slice(from, Math.Min(Slice, side.Count - from));
                var numbers = Compare(targets(from, part.Count), part);
                for (var k = 0; k < part.Count; k++)
                {
                    numbers
                        .AsSpan(k * _sideWidth, _sideWidth)
                        .CopyTo(result.Numbers.AsSpan((part[k].Place * model.LookAlikeWidth) + column));
                }
            }
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        _views.Dispose();
    }

    private Tensor Target(Tensor people) => model.Transform(weights, model.Represent(weights, people));

    private float[] Compare(Tensor targets, List<Row> rows)
    {
        Keep([.. rows.Select(r => r.Seeds.Clusters).Where(c => c.View is null).Distinct()]);
        _views.Narrow(rows.Max(r => r.Seeds.ClustersUsed));
        for (var k = 0; k < rows.Count; k++)
        {
            _views.Write(k, rows[k].Seeds.Clusters.View!, rows[k].Count);
        }

        LeaveOut(rows);
        var (clusters, counts) = _views.Read(rows.Count);
        return FlatVector.Read(model.LookAlike(weights, targets, clusters, counts));
    }

    /// <summary>Makes what is kept.</summary>
    private void Keep(SeedClusters[] lacking)
    {
        if (lacking.Length == 0)
        {
            return;
        }

        foreach (var clusters in lacking)
        {
            _batch.Add(clusters);
        }

        var (view, from) = (_batch.View(), 0);
        foreach (var clusters in lacking)
        {
            clusters.View = CachedClusterView.Of(view, from, clusters.Sizes.Length);
            from += clusters.Sizes.Length;
        }
    }

    /// <summary>Whoever asks and is a seed is in one cluster alone: only that one is another.</summary>
    private void LeaveOut(List<Row> rows)
    {
        int[] hit = [.. Enumerable.Range(0, rows.Count).Where(k => rows[k].Own >= 0)];
        if (hit.Length == 0)
        {
            return;
        }

        foreach (var k in hit)
        {
            _batch.Add(rows[k].Seeds.Clusters, rows[k].OwnCluster, rows[k].Seeds.Seeds[rows[k].Own].Representation);
        }

        var view = _batch.View();
        for (var n = 0; n < hit.Length; n++)
        {
            _views.Replace(hit[n], rows[hit[n]].OwnCluster, CachedClusterView.Of(view, n, 1));
        }
    }

    /// <param name="Place">In the request.</param>
    /// <param name="Own">The place of a seed that is left out; negative: none.</param>
    private readonly record struct Row(int Place, LiveSeeds Seeds, int Own)
    {
        public int Count => Seeds.Count - (Own < 0 ? 0 : 1);

        public int OwnCluster => Seeds.Clusters.Assignment[Own];
    }
}
