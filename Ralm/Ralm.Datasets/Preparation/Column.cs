using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// One array of a dataset: in memory, or a file that the system reads a page of when it is asked for and takes out of
/// memory when it needs the room. The file is closed once nobody holds the dataset any more: runs share it, and none of
/// them knows who is the last.
/// </summary>
internal sealed class Column<T>
    where T : unmanaged
{
    private readonly T[]? _values;
    private readonly MemoryMappedViewAccessor? _view;

    public Column(T[] values) => (_values, Length) = (values, values.LongLength);

    private Column(MemoryMappedViewAccessor view, long length) => (_view, Length) = (view, length);

    public long Length { get; }

    /// <exception cref="InvalidDataException">No such file, or of another length.</exception>
    public static Column<T> Open(string path, long length)
    {
        var info = new FileInfo(path);
        var expected = length * Unsafe.SizeOf<T>();
        if (!info.Exists || info.Length != expected)
        {
            throw new InvalidDataException(
                $"{path}: {(info.Exists ? $"{info.Length} bytes" : "no such file")}, {expected} bytes expected"
            );
        }

        if (length == 0)
        {
            return new Column<T>([]);
        }

        // The view keeps the mapping; the file's own handle is not needed after it.
        using var file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1),
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: false
        );
        return new Column<T>(file.CreateViewAccessor(0, expected, MemoryMappedFileAccess.Read), length);
    }

    public T this[long at] =>
        _values is null ? _view!.SafeMemoryMappedViewHandle.Read<T>((ulong)(at * Unsafe.SizeOf<T>())) : _values[at];

    /// <summary>Copies as many values as the span holds.</summary>
    public void Read(long from, Span<T> to)
    {
        if (_values is null)
        {
            _view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)(from * Unsafe.SizeOf<T>()), to);
        }
        else
        {
            _values.AsSpan(checked((int)from), to.Length).CopyTo(to);
        }
    }

    public T[] ToArray()
    {
        var all = new T[Length];
        Read(0, all);
        return all;
    }
}
