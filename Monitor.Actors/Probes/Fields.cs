using System.Buffers.Text;

namespace RalmActors.Monitoring.Probes;

/// <summary>Walks the blank-separated words of a /proc line or file without allocating.</summary>
public ref struct Fields(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>The next word; empty at the end.</summary>
    public ReadOnlySpan<byte> Next()
    {
        _rest = _rest.TrimStart(" \t\n"u8);
        var end = _rest.IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
        var word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }

    public Fields Skip(int words)
    {
        for (var i = 0; i < words; i++)
        {
            Next();
        }

        return this;
    }

    /// <summary>The next word as a whole number; 0 when it is none.</summary>
    public long NextNumber() => Utf8Parser.TryParse(Next(), out long value, out _) ? value : 0;

    public double NextDecimal() => Utf8Parser.TryParse(Next(), out double value, out _) ? value : double.NaN;

    public static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return line;
    }
}
