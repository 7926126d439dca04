using Ralm.Datasets.Files;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Training;

namespace Ralm.Models.Artifacts;

/// <summary>Model files by content, and beside them what is known about models. A missing folder is made.</summary>
public sealed class ArtifactStore(string folder)
{
    private readonly ContentFolder _models = new(folder, FileNames.Model);
    private readonly ContentFolder _seeds = new(folder, FileNames.Seeds);

    public string Folder => _models.Path;

    /// <summary>Durable when this returns.</summary>
    public ArtifactRef Save(ModelArtifact artifact)
    {
        var bytes = artifact.ToBytes();
        return new ArtifactRef
        {
            Hash = _models.Save(bytes),
            WeightsHash = artifact.WeightsHash,
            Bytes = bytes.Length,
        };
    }

    /// <exception cref="ArtifactException">Missing, corrupt, truncated, or not a model.</exception>
    public ModelArtifact Load(ArtifactRef reference) => Load(reference.Hash);

    /// <exception cref="ArtifactException">Missing, corrupt, truncated, or not a model.</exception>
    public ModelArtifact Load(string hash)
    {
        var bytes = _models.Load(hash);
        try
        {
            return ModelArtifact.FromBytes(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new ArtifactException($"{_models.PathOf(hash)} is refused: {e.Message}", e);
        }
    }

    /// <summary>Keeps the seeds that a model is trained with. Durable when this returns.</summary>
    /// <exception cref="ArtifactException">The file has other bytes than the hash says.</exception>
    public void SaveSeeds(string path, string hash) => _seeds.SaveCopy(path, hash);

    /// <summary>Reads the whole file once, before anything of it is used.</summary>
    /// <exception cref="ArtifactException">Missing, corrupt or truncated.</exception>
    public SeedFile OpenSeeds(string hash)
    {
        _seeds.Check(hash);
        return SeedFile.Open(_seeds.PathOf(hash));
    }

    public string SeedsPathOf(string hash) => _seeds.PathOf(hash);

    public string PathOf(string hash) => _models.PathOf(hash);

    public bool Contains(string hash) => _models.Contains(hash);
}
