using System.Text.RegularExpressions;
using RalmActors.Trainer.Domain.Sweeping;

namespace RalmActors.Trainer.Storage;

/// <summary>The artefact folder as a sweep sees it: only files whose names are ours.</summary>
public sealed partial class SweptFolder(string folder)
{
    private const string Aside = ".swept";

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Ours, and what writers and sweeps that were killed left half-way.</summary>
    public IReadOnlyList<StoredFile> List()
    {
        if (!Directory.Exists(_folder))
        {
            return [];
        }

        foreach (var aside in Directory.EnumerateFiles(_folder, "*" + Aside).ToArray())
        {
            PutBack(aside);
        }

        return
        [
            .. new DirectoryInfo(_folder)
                .EnumerateFiles()
                .Where(f => Ours().IsMatch(f.Name))
                .OrderBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => new StoredFile(f.Name, f.Length, new DateTimeOffset(f.LastWriteTimeUtc, TimeSpan.Zero))),
        ];
    }

    /// <summary>
    /// Deletes it, unless somebody wanted it again meanwhile: writing what is there renews its time. It is set aside before
    /// the last look, so that a writer either renews it in time or finds it gone and writes it anew.
    /// </summary>
    /// <returns>False when it stays.</returns>
    public bool Delete(StoredFile file)
    {
        var path = Path.Combine(_folder, file.Name);
        var aside = path + Aside;
        try
        {
            File.Move(path, aside, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        if (File.GetLastWriteTimeUtc(aside) > file.WrittenAt.UtcDateTime)
        {
            PutBack(aside);
            return false;
        }

        File.Delete(aside);
        return true;
    }

    private static void PutBack(string aside)
    {
        var path = aside[..^Aside.Length];
        if (File.Exists(path))
        {
            File.Delete(aside);
        }
        else
        {
            File.Move(aside, path);
        }
    }

    [GeneratedRegex(
        @"^[0-9a-f]{64}\.(safetensors|seeds|evaluation\.json|test-rows|test-scores)(\.[0-9]+-[0-9]+\.tmp)?$",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Ours();
}
