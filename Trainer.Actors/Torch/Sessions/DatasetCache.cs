using RalmActors.Trainer.Data;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>Open datasets by hash: runs on the same data share one copy, which goes when the last of them ends.</summary>
/// <param name="open">From a folder to the dataset in it.</param>
internal sealed class DatasetCache(Func<string, PreparedDataset> open)
{
    private readonly Dictionary<string, WeakReference<PreparedDataset>> _byHash = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The folder is no prepared dataset, or has another hash.</exception>
    public PreparedDataset Get(string path, string hash)
    {
        if (_byHash.TryGetValue(hash, out var known) && known.TryGetTarget(out var dataset))
        {
            return dataset;
        }

        dataset = open(path);
        if (dataset.Meta.Hash != hash)
        {
            throw new InvalidDataException($"dataset {path} has hash {dataset.Meta.Hash}, expected {hash}");
        }

        _byHash[hash] = new WeakReference<PreparedDataset>(dataset);
        return dataset;
    }
}
