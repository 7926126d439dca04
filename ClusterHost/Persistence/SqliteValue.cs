using System.Runtime.InteropServices;
using SQLitePCL;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>A value of a statement.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SqliteValue
{
    private readonly long? _number;
    private readonly string? _text;
    private readonly byte[]? _bytes;

    private SqliteValue(long? number, string? text, byte[]? bytes) => (_number, _text, _bytes) = (number, text, bytes);

    public static implicit operator SqliteValue(long? number) => new(number, null, null);

    public static implicit operator SqliteValue(string? text) => new(null, text, null);

    public static implicit operator SqliteValue(byte[]? bytes) => new(null, null, bytes);

    /// <param name="at">From 1.</param>
    /// <returns>SQLite's result.</returns>
    public int Bind(sqlite3_stmt statement, int at) =>
        _number is { } number ? raw.sqlite3_bind_int64(statement, at, number)
        : _text is { } text ? raw.sqlite3_bind_text(statement, at, text)
        : _bytes is { } bytes ? raw.sqlite3_bind_blob(statement, at, bytes)
        : raw.sqlite3_bind_null(statement, at);
}
