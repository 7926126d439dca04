using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Ralm.Datasets.Preparation;

/// <summary>One array that grows value by value in its file.</summary>
internal sealed class ColumnWriter<T>(string path) : IDisposable
    where T : unmanaged
{
    private readonly FileStream _stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);

    public void Add(T value) => Add(new ReadOnlySpan<T>(in value));

    public void Add(ReadOnlySpan<T> values) => _stream.Write(MemoryMarshal.AsBytes(values));

    public void Dispose()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
    }
}

/// <summary>The files of a dataset that is being written.</summary>
internal sealed class PreparedFiles(string folder, CancellationToken ct)
{
    public string PathOf(string file) => Path.Combine(folder, file);

    public void WriteText(string file, string text) => Write<byte>(file, Encoding.UTF8.GetBytes(text));

    public void Write<T>(string file, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using var column = Open<T>(file);
        column.Add(values);
    }

    public ColumnWriter<T> Open<T>(string file)
        where T : unmanaged => new(PathOf(file));

    /// <summary>Over the files' bytes one behind the other; those that are not there are passed over.</summary>
    public string Hash(params ReadOnlySpan<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var part = new byte[1 << 20];
        foreach (var path in files)
        {
            if (!File.Exists(PathOf(path)))
            {
                continue;
            }

            using var stream = File.OpenRead(PathOf(path));
            for (int read; (read = stream.Read(part)) > 0; )
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(part.AsSpan(0, read));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
