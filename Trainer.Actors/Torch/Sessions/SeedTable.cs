using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Domain.Seeds;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>
/// The seeds of every candidate as a model reads them: their representations, in clusters. A response that is being
/// predicted is taken out of its cluster, or its label would be among its inputs.
/// </summary>
/// <param name="width">Numbers of one representation.</param>
/// <param name="clusters">At most, per candidate.</param>
internal sealed class SeedTable(Audiences audiences, int width, int clusters)
{
    /// <summary>Log size of no seed at all: its share of any softmax is zero.</summary>
    public const float None = -1e4f;

    private readonly Dictionary<int, SeedClusters> _large = [];
    private float[] _representations = [];

    /// <param name="representations">users × width.</param>
    /// <param name="transformed">The same users as the model compares them; candidates of more seeds than clusters are
    /// clustered by it.</param>
    public void Cluster(float[] representations, float[] transformed)
    {
        _representations = representations;
        _large.Clear();
        for (var candidate = 0; candidate < audiences.Candidates; candidate++)
        {
            var seeds = audiences.Of(candidate);
            if (seeds.Length > clusters)
            {
                _large[candidate] = Cluster(seeds, transformed, SeedStream.Mix(4, (ulong)candidate));
            }
        }
    }

    /// <summary>All clusters of this candidate behind these are empty.</summary>
    public int ClustersUsed(int candidate) => Math.Min(audiences.Of(candidate).Length, clusters);

    /// <summary>Writes the candidate's clusters and returns how many seeds are in them.</summary>
    /// <param name="except">A user who is left out; -1: none.</param>
    /// <param name="centres">clusters × width.</param>
    public int Write(int candidate, int except, Span<float> centres, Span<float> logSizes)
    {
        var seeds = audiences.Of(candidate);
        var place = seeds.BinarySearch(except);
        WriteNone(centres, logSizes);
        if (_large.TryGetValue(candidate, out var clustered))
        {
            var representation = place < 0 ? default : Representation(except);
            clustered.Write(place < 0 ? -1 : clustered.Assignment[place], representation, centres, logSizes);
        }
        else
        {
            var slot = 0;
            foreach (var seed in seeds)
            {
                if (seed != except)
                {
                    Representation(seed).CopyTo(centres[(slot * width)..]);
                    logSizes[slot++] = 0;
                }
            }
        }

        return seeds.Length - (place >= 0 ? 1 : 0);
    }

    /// <summary>A candidate without seeds.</summary>
    public static void WriteNone(Span<float> centres, Span<float> logSizes)
    {
        logSizes.Fill(None);
        centres.Clear();
    }

    private SeedClusters Cluster(ReadOnlySpan<int> seeds, float[] transformed, ulong seed)
    {
        var (of, points) = (new float[seeds.Length * width], new float[seeds.Length * width]);
        for (var k = 0; k < seeds.Length; k++)
        {
            Representation(seeds[k]).CopyTo(of.AsSpan(k * width));
            transformed.AsSpan(seeds[k] * width, width).CopyTo(points.AsSpan(k * width));
        }

        return SeedClusters.Of(of, points, width, clusters, seed);
    }

    /// <summary>Of the user at that place, as it was when seeds were clustered.</summary>
    public ReadOnlySpan<float> Representation(int user) => _representations.AsSpan(user * width, width);
}
