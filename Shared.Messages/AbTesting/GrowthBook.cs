using System.Globalization;

namespace RalmActors.Messages.AbTesting;

/// <summary>
/// How GrowthBook's SDKs hash (specification 0.8.0), so that a test begun there goes on here and nobody changes arms.
/// FNV-1a of 32 bits runs over UTF-16 code units, as in JavaScript.
/// </summary>
public static class GrowthBook
{
    private const uint OffsetBasis = 2166136261;
    private const uint Prime = 16777619;

    /// <summary>Bucket of a unit, 0 to 9,999. Version 1 knows a thousand of them.</summary>
    /// <param name="seed">The experiment's seed, by default its key.</param>
    /// <param name="version">1 or 2.</param>
    public static int Bucket(ReadOnlySpan<char> seed, ReadOnlySpan<char> unit, int version) =>
        version switch
        {
            1 => (int)(Fnv1A(Fnv1A(OffsetBasis, unit), seed) % 1000) * 10,
            2 => (int)(Twice(Fnv1A(Fnv1A(OffsetBasis, seed), unit)) % 10_000),
            _ => throw new ArgumentOutOfRangeException(nameof(version), version, "must be 1 or 2"),
        };

    /// <summary>Bucket of a unit in a namespace: tests that own different ranges of it share no unit.</summary>
    public static int NamespaceBucket(ReadOnlySpan<char> name, ReadOnlySpan<char> unit) =>
        (int)(Fnv1A(Fnv1A(Fnv1A(OffsetBasis, unit), "__"), name) % 1000) * 10;

    /// <summary>Continues a hash over more text.</summary>
    private static uint Fnv1A(uint hash, ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * Prime;
        }

        return hash;
    }

    /// <summary>The hash of the first hash's decimal digits.</summary>
    private static uint Twice(uint hash)
    {
        Span<char> digits = stackalloc char[10];
        hash.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        return Fnv1A(OffsetBasis, digits[..length]);
    }
}
