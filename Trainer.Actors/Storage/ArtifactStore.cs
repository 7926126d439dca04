using System.Security.Cryptography;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Storage;

/// <summary>An artefact that must not be used: missing, cut short or changed. The message names file and hashes.</summary>
public sealed class ArtifactException : Exception
{
    public ArtifactException(string message)
        : base(message) { }

    public ArtifactException(string message, Exception inner)
        : base(message, inner) { }

    public ArtifactException() { }
}

/// <summary>
/// Model files by content: a file's name is the sha256 of its bytes, so it is written once, never changed, and checked
/// whenever it is read.
/// </summary>
/// <param name="folder">Made if it does not exist.</param>
public sealed class ArtifactStore(string folder)
{
    private const string Extension = ".safetensors";

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Durable when this returns.</summary>
    public ArtifactRef Save(ModelArtifact artifact)
    {
        var bytes = artifact.ToBytes();
        var hash = Hash(bytes);
        Directory.CreateDirectory(Folder);
        var path = PathOf(hash);
        if (!File.Exists(path) || Hash(File.ReadAllBytes(path)) != hash)
        {
            DurableFile.Write(path, bytes);
        }

        return new ArtifactRef
        {
            Hash = hash,
            WeightsHash = artifact.WeightsHash,
            Bytes = bytes.Length,
        };
    }

    /// <exception cref="ArtifactException">Missing, corrupt, truncated, or not a model.</exception>
    public ModelArtifact Load(ArtifactRef reference)
    {
        var path = PathOf(reference.Hash);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArtifactException($"{path} cannot be read: {e.Message}", e);
        }

        var found = Hash(bytes);
        if (found != reference.Hash)
        {
            throw new ArtifactException(
                $"{path} is refused: expected sha256 {reference.Hash}, found {found} over {bytes.Length} bytes"
            );
        }

        try
        {
            return ModelArtifact.FromBytes(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new ArtifactException($"{path} is refused: {e.Message}", e);
        }
    }

    public bool Contains(string hash) => File.Exists(PathOf(hash));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // The hash comes from outside: nothing but a hash may become a file name.
    private string PathOf(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(Folder, hash + Extension)
            : throw new ArtifactException($"\"{hash}\" is not a sha256 of 64 lower-case hex digits");
}
