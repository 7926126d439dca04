using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.AbTesting;

/// <summary>What a unit gets: an arm's index, or none when it takes no part; and the cell that keeps it.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AssignedUnit(int Arm, int Cell)
{
    public const int NoArm = -1;

    public bool TakesPart => Arm != NoArm;
}

/// <summary>
/// From unit to arm by hash alone: no lookup, no memory, no allocation; every node and every language gets the same
/// answer. Bucket = Murmur3-x86-32 of "salt:unit" in UTF-8, modulo 10,000; arms own consecutive ranges in the order of
/// the definition. Who takes part is decided with a salt of its own, so a ramp that raises the share adds units and
/// moves nobody. docs/assignment.md is the specification.
/// </summary>
public sealed class Assignment
{
    public const int Buckets = 10_000;

    private readonly byte[] _variantSalt;
    private readonly byte[] _eligibilitySalt;
    private readonly byte[] _cellSalt;
    private readonly ImmutableArray<int> _upTo;
    private readonly uint _cells;

    public Assignment(RunningTest test)
    {
        Test = test;
        _variantSalt = Encoding.UTF8.GetBytes($"{test.Salt}:");
        _eligibilitySalt = Encoding.UTF8.GetBytes($"{test.Salt}/eligible:");
        _cellSalt = Encoding.UTF8.GetBytes($"{test.Salt}/cell:");
        _cells = (uint)Math.Max(1, test.Cells);
        var upTo = 0;
        _upTo = [.. test.Arms.Select(arm => upTo += arm.Weight)];
    }

    public RunningTest Test { get; }

    /// <param name="unit">At most <see cref="Ids.MaxLength"/> characters.</param>
    public AssignedUnit Assign(ReadOnlySpan<char> unit)
    {
        Span<byte> utf8 = stackalloc byte[Ids.MaxLength * 3];
        ReadOnlySpan<byte> name = utf8[..Encoding.UTF8.GetBytes(unit, utf8)];
        var cell = (int)(Hash(_cellSalt, name) % _cells);
        return Test.Exposure >= Buckets || Hash(_eligibilitySalt, name) % Buckets < Test.Exposure
            ? new AssignedUnit(ArmOf(Hash(_variantSalt, name) % Buckets), cell)
            : new AssignedUnit(AssignedUnit.NoArm, cell);
    }

    /// <summary>The bucket of "salt:unit", 0 to 9,999.</summary>
    public static int Bucket(string salt, string unit) =>
        (int)(Murmur3.Hash(Encoding.UTF8.GetBytes($"{salt}:{unit}")) % Buckets);

    private int ArmOf(uint bucket)
    {
        for (var arm = 0; arm < _upTo.Length; arm++)
        {
            if (bucket < _upTo[arm])
            {
                return arm;
            }
        }

        return AssignedUnit.NoArm;
    }

    private static uint Hash(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> name)
    {
        Span<byte> salted = stackalloc byte[salt.Length + name.Length];
        salt.CopyTo(salted);
        name.CopyTo(salted[salt.Length..]);
        return Murmur3.Hash(salted);
    }
}
