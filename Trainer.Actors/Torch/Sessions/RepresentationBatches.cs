using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// Batches of phase 1: known responses, and candidates drawn against them by popularity,
/// p(k) = (ln(k + 2) - ln(k + 1)) / ln(D + 1) of rank k among D candidates (log-uniform, as the RALM paper samples).
/// </summary>
internal sealed class RepresentationBatches
{
    private const int MostDrawn = 2_048;

    private readonly PreparedDataset _data;
    private readonly int _negatives;
    private readonly int[] _byPopularity;
    private readonly int[] _rank;

    /// <param name="negatives">Candidates drawn per response of a batch.</param>
    public RepresentationBatches(PreparedDataset data, int negatives)
    {
        (_data, _negatives) = (data, negatives);
        var counts = new int[data.Meta.Candidates];
        foreach (var (_, candidate) in data.Responses)
        {
            counts[candidate]++;
        }

        _byPopularity = [.. Enumerable.Range(0, counts.Length).OrderByDescending(c => counts[c])];
        _rank = new int[counts.Length];
        for (var k = 0; k < counts.Length; k++)
        {
            _rank[_byPopularity[k]] = k;
        }
    }

    public int Rows => _data.Responses.Count;

    public double Backward(Learner learner, ReadOnlySpan<int> places, ulong seed)
    {
        var drawn = Math.Min(MostDrawn, places.Length * _negatives);
        var (width, itemWidth) = (_data.Meta.UserWidth, _data.Meta.CandidateWidth);
        var users = new float[places.Length * width];
        var candidates = new float[(places.Length + drawn) * itemWidth];
        var logChances = new float[places.Length + drawn];
        var names = new long[places.Length + drawn];
        var chosen = new int[drawn];
        for (var k = 0; k < drawn; k++)
        {
            chosen[k] = Draw(SeedStream.Uniform(SeedStream.Mix(seed, 5), k));
            Write(places.Length + k, chosen[k]);
        }

        var hits = new float[places.Length * drawn];
        for (var k = 0; k < places.Length; k++)
        {
            var (user, candidate) = _data.Responses[places[k]];
            _data.UserNumbers(user, 1).CopyTo(users.AsSpan(k * width));
            Write(k, candidate);
            for (var n = 0; n < drawn; n++)
            {
                var responded = chosen[n] == candidate || _data.Audiences.Of(chosen[n]).BinarySearch(user) >= 0;
                hits[(k * drawn) + n] = responded ? 1 : 0;
            }
        }

        return learner.BackwardRepresentation(users, candidates, names, logChances, hits, seed);

        void Write(int row, int candidate)
        {
            _data.CandidateNumbers(candidate).CopyTo(candidates.AsSpan(row * itemWidth));
            names[row] = candidate;
            var rank = _rank[candidate];
            logChances[row] = (float)Math.Log((Math.Log(rank + 2) - Math.Log(rank + 1)) / Math.Log(_rank.Length + 1.0));
        }
    }

    private int Draw(float u) =>
        _byPopularity[Math.Clamp((int)Math.Exp(u * Math.Log(_rank.Length + 1.0)) - 1, 0, _rank.Length - 1)];
}
