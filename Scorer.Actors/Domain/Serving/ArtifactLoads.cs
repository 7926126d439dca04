using RalmActors.Messages.Training;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>What is to be done after a worker's answer.</summary>
internal enum LoadStep
{
    /// <summary>Other workers have not answered yet.</summary>
    Wait,

    /// <summary>Every worker has it; now the seeds must be seen by it.</summary>
    SeeSeeds,

    /// <summary>It can serve.</summary>
    Loaded,

    /// <summary>It did not load everywhere: it is tried again with the next question.</summary>
    Failed,
}

/// <summary>
/// What a node holds in memory. An artefact is loaded when every worker has it and, if it knows candidates by their seeds,
/// when it has seen those that are kept.
/// </summary>
internal sealed class ArtifactLoads(int workers)
{
    private readonly Dictionary<string, (int Good, int Answered)> _loading = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ArtifactRef> _seeded = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);

    /// <summary>Those that know candidates by their seeds.</summary>
    public IReadOnlyCollection<ArtifactRef> Seeded => _seeded.Values;

    public bool IsSeeded(string hash) => _seeded.ContainsKey(hash);

    public bool IsLoaded(string hash) => _loaded.Contains(hash);

    /// <summary>False: it is under way already.</summary>
    public bool Start(string hash) => _loading.TryAdd(hash, default);

    public LoadStep Answered(ArtifactRef artifact, bool good, bool seeded)
    {
        var hash = artifact.Hash;
        if (!_loading.TryGetValue(hash, out var so))
        {
            return LoadStep.Wait;
        }

        if (seeded)
        {
            _seeded[hash] = artifact;
        }

        _loading[hash] = so = (so.Good + (good ? 1 : 0), so.Answered + 1);
        return so.Answered < workers ? LoadStep.Wait
            : so.Good == workers && IsSeeded(hash) ? LoadStep.SeeSeeds
            : Finish(hash, so.Good == workers);
    }

    /// <summary>The last step is done, or has failed.</summary>
    public LoadStep Finish(string hash, bool good)
    {
        if (!_loading.Remove(hash) && !IsLoaded(hash))
        {
            // It was let go meanwhile.
            return LoadStep.Wait;
        }

        if (good)
        {
            _loaded.Add(hash);
            return LoadStep.Loaded;
        }

        _seeded.Remove(hash);
        return LoadStep.Failed;
    }

    /// <summary>Forgets what nobody needs, and says what it was.</summary>
    public IReadOnlyList<(string Hash, bool Seeded)> LetGo(IEnumerable<string> needed)
    {
        var gone = _loaded.Except(needed, StringComparer.Ordinal).ToList();
        _loaded.ExceptWith(gone);
        return gone.ConvertAll(hash => (hash, _seeded.Remove(hash)));
    }
}
