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
/// answer. docs/assignment.md is the specification. Who takes part is decided with salts of their own, so a ramp that
/// raises the share adds units and moves nobody.
/// </summary>
public sealed class Assignment
{
    public const int Buckets = 10_000;

    private readonly byte[] _variantSalt;
    private readonly byte[] _eligibilitySalt;
    private readonly byte[] _cellSalt;
    private readonly byte[] _layerSalt;
    private readonly byte[] _holdoutSalt;
    private readonly ImmutableArray<int> _upTo;
    private readonly uint _cells;

    public Assignment(RunningExperiment experiment)
    {
        Test = experiment;
        _variantSalt = Encoding.UTF8.GetBytes($"{experiment.Salt}:");
        _eligibilitySalt = Encoding.UTF8.GetBytes($"{experiment.Salt}/eligible:");
        _cellSalt = Encoding.UTF8.GetBytes($"{experiment.Salt}/cell:");
        _layerSalt = Encoding.UTF8.GetBytes($"{experiment.Layer?.Name}/layer:");
        _holdoutSalt = Encoding.UTF8.GetBytes($"{experiment.Family}/holdout:");
        _cells = (uint)Math.Max(1, experiment.Cells);
        var upTo = 0;
        _upTo = [.. experiment.Arms.Select(arm => upTo += arm.Weight)];
    }

    public RunningExperiment Test { get; }

    private bool IsImported => Test.Hashing is Hashing.Growthbook1 or Hashing.Growthbook2;

    /// <param name="unit">At most <see cref="Ids.MaxLength"/> characters.</param>
    public AssignedUnit Assign(ReadOnlySpan<char> unit) => Assign(unit, Test.Exposure);

    /// <summary>What the unit got or gets when another share of the eligible units takes part.</summary>
    /// <param name="exposure">In basis points.</param>
    public AssignedUnit Assign(ReadOnlySpan<char> unit, int exposure)
    {
        Span<byte> utf8 = stackalloc byte[Ids.MaxLength * 3];
        ReadOnlySpan<byte> name = utf8[..Encoding.UTF8.GetBytes(unit, utf8)];
        var cell = (int)(Hash(_cellSalt, name) % _cells);
        return new AssignedUnit(IsReserved(unit, name) ? AssignedUnit.NoArm : ArmOf(unit, name, exposure), cell);
    }

    /// <summary>The bucket of "salt:unit", 0 to 9,999.</summary>
    public static int Bucket(string salt, string unit) =>
        (int)(Murmur3.Hash(Encoding.UTF8.GetBytes($"{salt}:{unit}")) % Buckets);

    /// <summary>The unit belongs to the family's holdout, or to another test of the layer.</summary>
    private bool IsReserved(ReadOnlySpan<char> unit, ReadOnlySpan<byte> name)
    {
        if (Test.Holdout > 0 && Hash(_holdoutSalt, name) % Buckets < Test.Holdout)
        {
            return true;
        }

        if (Test.Layer is not { } layer)
        {
            return false;
        }

        var bucket = IsImported
            ? GrowthBook.NamespaceBucket(layer.Name, unit)
            : (int)(Hash(_layerSalt, name) % Buckets);
        return bucket < layer.From || bucket >= layer.To;
    }

    private int ArmOf(ReadOnlySpan<char> unit, ReadOnlySpan<byte> name, int exposure)
    {
        if (IsImported)
        {
            return ArmWithin(GrowthBook.Bucket(Test.Salt, unit, Test.Hashing == Hashing.Growthbook1 ? 1 : 2), exposure);
        }

        return exposure >= Buckets || Hash(_eligibilitySalt, name) % Buckets < exposure
            ? ArmUpTo((int)(Hash(_variantSalt, name) % Buckets))
            : AssignedUnit.NoArm;
    }

    private int ArmUpTo(int bucket)
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

    /// <summary>GrowthBook's coverage takes the first part of each arm's range.</summary>
    private int ArmWithin(int bucket, int exposure)
    {
        var arm = ArmUpTo(bucket);
        if (arm == AssignedUnit.NoArm)
        {
            return arm;
        }

        var from = arm == 0 ? 0 : _upTo[arm - 1];
        return (long)(bucket - from) * Buckets < (long)(_upTo[arm] - from) * exposure ? arm : AssignedUnit.NoArm;
    }

    private static uint Hash(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> name)
    {
        Span<byte> salted = stackalloc byte[salt.Length + name.Length];
        salt.CopyTo(salted);
        name.CopyTo(salted[salt.Length..]);
        return Murmur3.Hash(salted);
    }
}
