using System.Collections.Concurrent;
using Ralm.Datasets.Preparation;

namespace Ralm.Models.Training;

/// <summary>
/// Open datasets by hash: whoever trains on the same data shares one copy, which goes when the last of them ends. One waits
/// for another that opens the same.
/// </summary>
/// <param name="open">From a folder to the dataset in it.</param>
public sealed class DatasetCache(Func<string, PreparedDataset> open)
{
    private readonly ConcurrentDictionary<string, Slot> _byHash = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The folder is no prepared dataset, or has another hash.</exception>
    public PreparedDataset Get(string path, string hash)
    {
        var slot = _byHash.GetOrAdd(hash, _ => new Slot());
        lock (slot)
        {
            if (slot.Dataset is { } known && known.TryGetTarget(out var dataset))
            {
                return dataset;
            }

            dataset = open(path);
            if (dataset.Meta.Hash != hash)
            {
                throw new InvalidDataException($"dataset {path} has hash {dataset.Meta.Hash}, expected {hash}");
            }

            slot.Dataset = new WeakReference<PreparedDataset>(dataset);
            return dataset;
        }
    }

    private sealed class Slot
    {
        public WeakReference<PreparedDataset>? Dataset { get; set; }
    }
}
