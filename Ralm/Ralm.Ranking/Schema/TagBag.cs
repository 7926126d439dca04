using Ralm.Ranking.Randomness;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>One person's tags, ready to be laid beside another's: hashes in rising order, and their weights.</summary>
internal sealed class TagBag
{
    public const int Numbers = 6;

    private readonly ulong[] _keys;
    private readonly float[] _adamic;
    private readonly float[] _weights;
    private readonly double _norm;

    private TagBag(ulong[] keys, float[] adamic, float[] weights)
    {
        (_keys, _adamic, _weights) = (keys, adamic, weights);
        _norm = Math.Sqrt(weights.Sum(w => (double)w * w));
    }

    public static TagBag Of(TextList tags, TagFrequencies frequencies)
    {
        var counted = Bags.Count(tags)
            .Select(t => (Key: Hashing.Key(t.Key), Count: t.Value))
            .OrderBy(t => t.Key)
            .ToArray();
        return new TagBag(
            [.. counted.Select(t => t.Key)],
            [.. counted.Select(t => frequencies.AdamicAdar(t.Key))],
            [.. counted.Select(t => MathF.Log(1 + t.Count) * frequencies.Rarity(t.Key))]
        );
    }

    public void Compare(TagBag other, Span<double> raw)
    {
        var (common, adamic, dot) = (0, 0.0, 0.0);
        var (i, j) = (0, 0);
        while (i < _keys.Length && j < other._keys.Length)
        {
            if (_keys[i] < other._keys[j])
            {
                i++;
            }
            else if (_keys[i] > other._keys[j])
            {
                j++;
            }
            else
            {
                common++;
                adamic += _adamic[i];
                dot += _weights[i++] * other._weights[j++];
            }
        }

        var (mine, theirs) = (Math.Log(1 + _keys.Length), Math.Log(1 + other._keys.Length));
        var union = _keys.Length + other._keys.Length - common;
        raw[0] = Math.Log(1 + common);
        raw[1] = union == 0 ? 0 : (double)common / union;
        raw[2] = adamic;
        raw[3] = _norm * other._norm == 0 ? 0 : dot / (_norm * other._norm);
        raw[4] = mine + theirs;
        raw[5] = Math.Abs(mine - theirs);
    }
}
