using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Preparation;

/// <summary>Training rows drawn by their number, at which every input is looked at alone.</summary>
/// <param name="trainRows">All there are.</param>
internal sealed class LeakageSample(FeatureSchema schema, long trainRows)
{
    private const int MaxRows = 10_000;
    private const int FewestRows = 500;

    /// <summary>Rows times inputs: some seconds of sorting.</summary>
    private const int MaxNumbers = 20_000_000;
    private const ulong Seed = 11;

    private readonly double _share =
        Math.Clamp(
            MaxNumbers / Math.Max(1, schema.User.Width + schema.Candidate.Width + schema.ContextWidth),
            FewestRows,
            MaxRows
        ) / (double)Math.Max(1, trainRows);

    private readonly List<float> _labels = [];
    private readonly List<(Features Raw, float[] Encoded)> _users = [];
    private readonly List<(Features Raw, float[] Encoded)> _candidates = [];
    private readonly List<(Features Raw, float[] Encoded)> _contexts = [];
    private long _seen;

    public void See(
        float label,
        (Features Raw, float[] Encoded) user,
        (Features Raw, float[] Encoded) candidate,
        (Features Raw, float[] Encoded) context
    )
    {
        if (_share < 1 && RandomStream.Uniform(Seed, _seen++) >= _share)
        {
            return;
        }

        _labels.Add(label);
        _users.Add(user);
        _candidates.Add(candidate);
        _contexts.Add((context.Raw, [.. context.Encoded]));
    }

    public IEnumerable<string> Warnings(CancellationToken ct)
    {
        var labels = _labels.ToArray();
        var pairs = new List<(string Name, FeatureKind? Kind, int Width)>();
        foreach (var pair in schema.PairsOrNone)
        {
            pairs.Add((pair.Name, null, pair.Width));
        }

        return Side("user", schema.User, _users, 0)
            .Concat(Side("candidate", schema.Candidate, _candidates, 0))
            .Concat(Side("context", schema.Context, _contexts, 0))
            .Concat(Inputs("pair", pairs, _contexts, schema.Context.Width));

        IEnumerable<string> Side(string side, SideSchema of, List<(Features Raw, float[] Encoded)> rows, int from) =>
            Inputs(side, of.Features.Select(f => (f.Name, (FeatureKind?)f.Kind, f.Width)), rows, from);

        IEnumerable<string> Inputs(
            string side,
            IEnumerable<(string Name, FeatureKind? Kind, int Width)> inputs,
            List<(Features Raw, float[] Encoded)> rows,
            int from
        )
        {
            foreach (var (name, kind, width) in inputs)
            {
                ct.ThrowIfCancellationRequested();
                double?[] raw = [.. rows.Select(r => kind == FeatureKind.Number ? Number(r.Raw, name) : null)];
                if (Leakage.Of(labels, raw, Numbers(rows, kind, from, width, ct)) is { } trouble)
                {
                    yield return $"{side}.{name} {trouble}";
                }

                from += width;
            }
        }

        IEnumerable<float[]> Numbers(
            List<(Features Raw, float[] Encoded)> rows,
            FeatureKind? kind,
            int from,
            int width,
            CancellationToken cancelled
        )
        {
            for (var k = from; k < from + width; k++)
            {
                cancelled.ThrowIfCancellationRequested();
                yield return [.. rows.Select(r => r.Encoded[k])];
            }

            if (kind is FeatureKind.Category or FeatureKind.Hashed)
            {
                int[] values = [.. rows.Select(r => r.Encoded.AsSpan(from, width).IndexOf(1f))];
                yield return Leakage.Rates(labels, values);
            }
        }
    }

    private static double? Number(Features raw, string name) =>
        raw.Items.FirstOrDefault(f => f.Name == name) is { ValueCase: Feature.ValueOneofCase.Number } feature
            ? feature.Number
            : null;
}
