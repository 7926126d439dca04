namespace Ralm.Ranking.Seeds;

/// <summary>Who responded well to whom: per candidate, the seeds, by their place among the users, in rising order.</summary>
public sealed class Audiences
{
    private readonly int[] _starts;
    private readonly int[] _seeds;
    private readonly long[]? _since;

    /// <param name="candidates">How many there are.</param>
    /// <param name="responses">User and candidate of every positive response; repeated ones count once.</param>
    public Audiences(int candidates, IReadOnlyCollection<(int User, int Candidate)> responses)
    {
        _starts = new int[candidates + 1];
        foreach (var (_, candidate) in responses)
        {
            _starts[candidate + 1]++;
        }

        for (var c = 0; c < candidates; c++)
        {
            _starts[c + 1] += _starts[c];
        }

        var next = _starts.AsSpan(0, candidates).ToArray();
        var all = new int[responses.Count];
        foreach (var (user, candidate) in responses)
        {
            all[next[candidate]++] = user;
        }

        _seeds = Distinct(all);
    }

    /// <param name="candidates">How many there are.</param>
    /// <param name="of">Per seed, the candidate; rising, and per candidate the users.</param>
    /// <param name="since">Per seed, when it first responded: microseconds since 1970.</param>
    public Audiences(int candidates, ReadOnlySpan<int> of, int[] users, long[] since)
    {
        _starts = new int[candidates + 1];
        foreach (var candidate in of)
        {
            _starts[candidate + 1]++;
        }

        for (var c = 0; c < candidates; c++)
        {
            _starts[c + 1] += _starts[c];
        }

        (_seeds, _since) = (users, since.AsSpan().ContainsAnyExcept(0) ? since : null);
    }

    public int Candidates => _starts.Length - 1;

    /// <summary>Distinct seeds of all candidates.</summary>
    public int Count => _starts[^1];

    public ReadOnlySpan<int> Of(int candidate) => _seeds.AsSpan(_starts[candidate]..(_starts[candidate + 1]));

    /// <summary>Per seed, when it first responded; empty: no times are known.</summary>
    public ReadOnlySpan<long> SinceOf(int candidate) =>
        _since is null ? default : _since.AsSpan(_starts[candidate]..(_starts[candidate + 1]));

    private int[] Distinct(int[] all)
    {
        var write = 0;
        for (var c = 0; c < Candidates; c++)
        {
            var mine = all.AsSpan(_starts[c].._starts[c + 1]);
            mine.Sort();
            _starts[c] = write;
            for (var k = 0; k < mine.Length; k++)
            {
                if (k == 0 || mine[k] != mine[k - 1])
                {
                    all[write++] = mine[k];
                }
            }
        }

        _starts[^1] = write;
        return all[..write];
    }
}
