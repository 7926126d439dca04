using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>What a cell remembers of one unit in eight bytes: when it was exposed, to which arm, in which phase.</summary>
/// <param name="ExposedAt">Seconds since 1970.</param>
/// <param name="Arm">Index in the cell's arms.</param>
/// <param name="Done">Bit i: binary metric i has happened.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct UnitHead(uint ExposedAt, byte Arm, byte Phase, ushort Done)
{
    /// <summary>The arm of a unit that was seen in two.</summary>
    public const byte Crossed = byte.MaxValue;

    public bool IsCrossed => Arm == Crossed;

    public bool Has(int metric) => (Done & (1 << metric)) != 0;

    public UnitHead With(int metric) => this with { Done = (ushort)(Done | (1 << metric)) };

    public UnitHead Without(int metric) => this with { Done = (ushort)(Done & ~(1 << metric)) };

    public ulong Packed => ((ulong)ExposedAt << 32) | ((ulong)Arm << 24) | ((ulong)Phase << 16) | Done;

    public static UnitHead Of(ulong packed) =>
        new((uint)(packed >> 32), (byte)(packed >> 24), (byte)(packed >> 16), (ushort)packed);
}
