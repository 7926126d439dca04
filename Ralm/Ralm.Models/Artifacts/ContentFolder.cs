using System.Security.Cryptography;
using Ralm.Datasets.Files;
using Ralm.Ranking.Artifacts;

namespace Ralm.Models.Artifacts;

/// <summary>
/// Files by content: a file's name is the sha256 of its bytes, so it is written once, never changed, and checked whenever
/// it is read.
/// </summary>
/// <param name="path">Made if it does not exist.</param>
/// <param name="extension">With its dot.</param>
public sealed class ContentFolder(string path, string extension)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Durable when this returns. The hash.</summary>
    public string Save(ReadOnlySpan<byte> bytes)
    {
        var hash = Hash(bytes);
        Directory.CreateDirectory(Path);
        var file = PathOf(hash);
        if (!Renewed(file, hash))
        {
            DurableFile.Write(file, bytes);
        }

        return hash;
    }

    /// <summary>A copy of a file, however large. Durable when this returns.</summary>
    /// <param name="hash">What its bytes must have.</param>
    /// <exception cref="ArtifactException">They have another one.</exception>
    public void SaveCopy(string source, string hash)
    {
        Directory.CreateDirectory(Path);
        var file = PathOf(hash);
        if (!Renewed(file, hash))
        {
            using var copy = new DurableFile(file);
            CopyChecked(source, copy.Content, hash);
            copy.Commit();
        }
    }

    /// <summary>Reads all of it once.</summary>
    /// <exception cref="ArtifactException">Missing, corrupt or truncated; the message has both hashes.</exception>
    public void Check(string hash)
    {
        var file = PathOf(hash);
        try
        {
            using var stream = File.OpenRead(file);
            ThrowUnless(hash, Convert.ToHexStringLower(SHA256.HashData(stream)), file, stream.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArtifactException($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="ArtifactException">Missing, corrupt or truncated; the message has both hashes.</exception>
    public byte[] Load(string hash)
    {
        var file = PathOf(hash);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArtifactException($"{file} cannot be read: {e.Message}", e);
        }

        ThrowUnless(hash, Hash(bytes), file, bytes.Length);
        return bytes;
    }

    public bool Contains(string hash) => File.Exists(PathOf(hash));

    // The hash comes from outside: nothing but a hash may become a file name.
    public string PathOf(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? System.IO.Path.Combine(Path, hash + extension)
            : throw new ArtifactException($"\"{hash}\" is not a sha256 of 64 lower-case hex digits");

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void ThrowUnless(string hash, string found, string file, long bytes)
    {
        if (found != hash)
        {
            throw new ArtifactException($"{file} is refused: expected sha256 {hash}, found {found} over {bytes} bytes");
        }
    }

    private static void CopyChecked(string source, Stream to, string hash)
    {
        using var from = File.OpenRead(source);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var part = new byte[1 << 20];
        for (int read; (read = from.Read(part)) > 0; )
        {
            sha.AppendData(part, 0, read);
            to.Write(part, 0, read);
        }

        ThrowUnless(hash, Convert.ToHexStringLower(sha.GetHashAndReset()), source, from.Length);
    }

    /// <summary>Is there and whole. A file that is wanted again counts as just written: no sweep takes it for forgotten.</summary>
    private static bool Renewed(string file, string hash)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime);
            using var stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream)) == hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Missing, or nobody can read it: what is written takes its place.
            return false;
        }
    }
}
