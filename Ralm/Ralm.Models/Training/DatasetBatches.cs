using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Seeds;

namespace Ralm.Models.Training;

/// <summary>Rows of a dataset as a learner reads them, with the seeds of both sides.</summary>
internal sealed class DatasetBatches(PreparedDataset data, Learner learner)
{
    /// <summary>Rows scored at once: what a model makes of their clusters on the way is the most memory of a run.</summary>
    private const int Slice = 512;

    private readonly SeedTable? _seeds = learner.Seeded is { } model
        ? new SeedTable(data.Audiences, data.SeedOrder, model.RepresentationWidth, model.Clusters)
        : null;
    private int[] _rows = [];
    private float[] _representations = [];
    private float[] _transformed = [];

    /// <summary>Represents and clusters all seeds by the weights as they are now.</summary>
    public void Refresh()
    {
        if (_seeds is null)
        {
            return;
        }

        var (users, width) = (data.Meta.Users, learner.Seeded!.RepresentationWidth);
        if (_representations.Length == 0)
        {
            (_representations, _transformed) = (new float[users * width], new float[users * width]);
        }

        for (var from = 0; from < users; from += Slice)
        {
            var count = Math.Min(Slice, users - from);
            learner.Represent(
                data.UserNumbers(from, count),
                _representations.AsSpan(from * width, count * width),
                _transformed.AsSpan(from * width, count * width)
            );
        }

        _seeds.Cluster(_representations, _transformed);
    }

    /// <summary>Writes rows to the learner's target.</summary>
    /// <param name="places">Places in the split's rows.</param>
    public void Gather(Split split, ReadOnlySpan<int> places) => Gather(split, places, _seeds);

    private void Gather(Split split, ReadOnlySpan<int> places, SeedTable? seeds)
    {
        if (_rows.Length < places.Length)
        {
            _rows = new int[places.Length];
        }

        var all = data.Rows(split);
        for (var k = 0; k < places.Length; k++)
        {
            _rows[k] = all[places[k]];
        }

        var target = learner.Target(places.Length, Room(_rows.AsSpan(0, places.Length), seeds));
        data.Gather(_rows.AsSpan(0, places.Length), target.User, target.Item, target.Context, target.Labels);
        for (var k = 0; learner.Seeded is not null && k < places.Length; k++)
        {
            // What serves has seen all of them.
            var before = split == Split.Train ? data.TimeOf(_rows[k]) : long.MaxValue;
            learner.WriteSeeds(k, seeds, data.UserOf(_rows[k]), data.CandidateOf(_rows[k]), before);
        }
    }

    /// <summary>Clusters that any of these rows uses, of either side: the others would be computed for nothing.</summary>
    private (int OfCandidate, int OfUser) Room(ReadOnlySpan<int> rows, SeedTable? seeds)
    {
        var (ofCandidate, ofUser) = (0, 0);
        if (seeds is not null)
        {
            foreach (var row in rows)
            {
                ofCandidate = Math.Max(ofCandidate, seeds.ClustersUsed(data.CandidateOf(row)));
                ofUser = data.Schema is { Reciprocal: true }
                    ? Math.Max(ofUser, seeds.ClustersUsed(data.UserOf(row)))
                    : ofUser;
            }
        }

        return (ofCandidate, ofUser);
    }

    /// <summary>Scores the next rows of a split, at most a slice, and returns how many.</summary>
    /// <param name="from">The first one's place.</param>
    /// <param name="logOdds">The model's own, where they are asked for.</param>
    /// <param name="representation">By the representation alone.</param>
    /// <param name="cold">As if no seeds were known.</param>
    public int Score(
        Split split,
        int from,
        Span<float> probabilities,
        Span<float> labels,
        Span<float> logOdds = default,
        bool representation = false,
        bool cold = false
    )
    {
        var count = Math.Min(Slice, data.Rows(split).Length - from);
        Span<int> places = stackalloc int[count];
        for (var k = 0; k < count; k++)
        {
            places[k] = from + k;
        }

        Gather(split, places, representation || cold ? null : _seeds);
        var own = logOdds.IsEmpty ? default : logOdds.Slice(from, count);
        learner.Score(count, probabilities.Slice(from, count), own, representation);
        for (var k = 0; k < count; k++)
        {
            labels[from + k] = data.Label(_rows[k]);
        }

        return count;
    }
}
