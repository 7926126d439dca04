using System.Buffers.Binary;
using System.Numerics;

namespace RalmActors.Messages.AbTesting;

/// <summary>MurmurHash3, x86, 32 bits (Appleby, public domain): equal on every machine and in every language.</summary>
public static class Murmur3
{
    public static uint Hash(ReadOnlySpan<byte> data, uint seed = 0)
    {
        const uint C1 = 0xcc9e2d51;
        const uint C2 = 0x1b873593;
        var h = seed;
        var rest = data;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            h ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt32LittleEndian(rest) * C1, 15) * C2;
            h = BitOperations.RotateLeft(h, 13) * 5 + 0xe6546b64;
        }

        var tail = 0u;
        for (var i = rest.Length - 1; i >= 0; i--)
        {
            tail = (tail << 8) | rest[i];
        }

        h ^= BitOperations.RotateLeft(tail * C1, 15) * C2;
        h ^= (uint)data.Length;
        h = (h ^ (h >> 16)) * 0x85ebca6b;
        h = (h ^ (h >> 13)) * 0xc2b2ae35;
        return h ^ (h >> 16);
    }
}
