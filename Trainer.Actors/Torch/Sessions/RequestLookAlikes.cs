using RalmActors.Messages.Serving;
using RalmActors.Trainer.Torch.Models;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// What a model makes of the seeds of one request. The part that does not depend on who asks is made once and kept with the
/// clusters, until a seed comes or goes. Where whoever asks is a seed too, and so left out, it is made for that row alone.
/// </summary>
internal sealed class RequestLookAlikes(ISeededModel model, ParameterSet weights, bool reciprocal) : IDisposable
{
    /// <summary>Rows that are computed at once: what they hold fits into a processor's cache.</summary>
    private const int Slice = 128;

    private readonly SeedBuffer _seeds = new(model.Clusters, model.RepresentationWidth, Slice);
    private readonly ViewBuffer _views = new(model.Clusters, model.RepresentationWidth, Slice, weights.Values.device);
    private readonly int _sideWidth = model.LookAlikeWidth / (reciprocal ? 2 : 1);

    /// <param name="user">1 × user width.</param>
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
            var target = Target(user);
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
            if (of is { Count: > 0 } && new Row(place, of, of.Seeds.ContainsKey(except) ? except : null) is var row)
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
        _seeds.Dispose();
        _views.Dispose();
    }

    private Tensor Target(Tensor people) => model.Transform(weights, model.Represent(weights, people));

    private float[] Compare(Tensor targets, List<Row> rows)
    {
        var views = rows.ConvertAll(r => r.Kept);
        int[] lacking = [.. Enumerable.Range(0, rows.Count).Where(k => views[k] is null)];
        foreach (var (k, view) in lacking.Zip(Make([.. lacking.Select(k => rows[k])])))
        {
            views[k] = view;
        }

        _views.Narrow(rows.Max(r => r.Seeds.ClustersUsed));
        for (var k = 0; k < rows.Count; k++)
        {
            _views.Write(k, views[k]!, rows[k].Count);
        }

        return FlatVector.Read(model.LookAlike(weights, targets, _views.Read(rows.Count)));
    }

    /// <summary>Views of these rows' clusters; those of whole clusters are kept.</summary>
    private IEnumerable<ClusterView> Make(Row[] rows)
    {
        if (rows.Length == 0)
        {
            yield break;
        }

        var room = rows.Max(r => r.Seeds.ClustersUsed);
        _seeds.Narrow(room);
        for (var k = 0; k < rows.Length; k++)
        {
            _seeds.Write(k, rows[k].Seeds, rows[k].Except);
        }

        var device = weights.Values.device;
        var view = model.View(
            weights,
            _seeds.Read(rows.Length, (all, count) => FlatVector.Part(all, 0, count, device))
        );
        var (compared, lengths) = (FlatVector.Read(view.Compared), FlatVector.Read(view.Lengths));
        var (logSizes, shares) = (FlatVector.Read(view.LogSizes), FlatVector.Read(view.Shares));
        for (var k = 0; k < rows.Length; k++)
        {
            var used = rows[k].Seeds.ClustersUsed;
            var made = new ClusterView(Of(compared, model.RepresentationWidth), Of(lengths), Of(logSizes), Of(shares));
            if (rows[k].Except is null)
            {
                rows[k].Seeds.Clusters.View = made;
            }

            yield return made;

            float[] Of(float[] all, int each = 1) => all.AsSpan(k * room * each, used * each).ToArray();
        }
    }

    /// <param name="Place">In the request.</param>
    /// <param name="Except">A seed that is left out; null: none.</param>
    private readonly record struct Row(int Place, LiveSeeds Seeds, string? Except)
    {
        public int Count => Seeds.Count - (Except is null ? 0 : 1);

        /// <summary>Null: it must be made.</summary>
        public ClusterView? Kept => Except is null ? Seeds.Clusters.View : null;
    }
}
