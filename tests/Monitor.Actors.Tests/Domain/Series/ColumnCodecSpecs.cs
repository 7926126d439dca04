using CsCheck;
using RalmActors.Monitoring.Domain.Series;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Series;

public class ColumnCodecSpecs
{
    private static readonly Gen<double> AnyDouble = Gen.Frequency(
        (6, Gen.Double),
        (3, Gen.Int.Select(i => (double)i)),
        (3, Gen.Int[0, 12800].Select(i => i / 128.0)),
        (3, Gen.Int[-9999, 9999].Select(i => i / 100.0)),
        (2, Gen.ULong.Select(BitConverter.UInt64BitsToDouble)),
        (
            2,
            Gen.OneOf(
                Gen.Const(0.0),
                Gen.Const(-0.0),
                Gen.Const(double.NaN),
                Gen.Const(double.PositiveInfinity),
                Gen.Const(double.NegativeInfinity),
                Gen.Const(double.MaxValue),
                Gen.Const(double.MinValue),
                Gen.Const(double.Epsilon),
                Gen.Const(Sampling.Absent)
            )
        )
    );

    // A property that fails prints its seed; set CsCheck_Seed to it to see the same case again.
    [Fact]
    public void Any_values_come_back_bit_for_bit() =>
        AnyDouble.Array[0, 300].Sample(values => Assert.Equal(Bits(values), Bits(RoundTrip(values))));

    [Fact]
    public void Whole_numbers_of_any_size_come_back_bit_for_bit() =>
        Gen
            .Long.Array[0, 300]
            .Sample(longs =>
            {
                foreach (var order in (int[])[1, 2])
                {
                    var bits = new BitWriter();
                    IntegerCodec.Write(bits, longs, order);
                    var back = new long[longs.Length];
                    var reader = new BitReader(bits.ToArray());
                    IntegerCodec.Read(ref reader, back, order);
                    Assert.Equal(longs, back);
                }
            });

    [Fact]
    public void A_constant_costs_no_more_than_one_value() =>
        Assert.Equal(
            "054170000000000000",
            Convert.ToHexStringLower(ColumnCodec.Encode([.. Enumerable.Repeat(16_777_216.0, 240)]))
        );

    [Fact]
    public void A_steady_counter_costs_one_bit_per_value() =>
        Assert.InRange(ColumnCodec.Encode([.. Enumerable.Range(0, 240).Select(i => 1000.0 + (i * 37))]).Length, 30, 40);

    [Fact]
    public void A_percentage_in_steps_of_a_128th_costs_about_two_bytes()
    {
        var random = new Random(1);
        var percent = Enumerable.Range(0, 240).Select(_ => Math.Round((20 + (random.NextDouble() * 20)) * 128) / 128);

        Assert.InRange(ColumnCodec.Encode([.. percent]).Length / 240.0, 1, 2.1);
    }

    [Fact]
    public void Decimals_of_three_places_cost_less_than_half_of_their_XOR()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 240).Select(_ => Math.Round(40 + random.NextDouble(), 3)).ToArray();
        var xor = new BitWriter();
        XorCodec.Write(xor, values);

        Assert.InRange(ColumnCodec.Encode(values).Length, 1, xor.ByteCount / 2);
    }

    [Fact]
    public void Decimals_of_any_places_come_back_bit_for_bit() =>
        Gen.Select(Gen.Int[0, 11], Gen.Long[-1L << 40, 1L << 40].Array[1, 50])
            .Sample(
                (places, longs) =>
                {
                    var values = longs.Select(l => l / Math.Pow(10, places)).ToArray();
                    Assert.Equal(Bits(values), Bits(RoundTrip(values)));
                }
            );

    [Fact]
    public void A_missing_first_value_does_not_spoil_the_column()
    {
        double[] column = [Sampling.Absent, .. Enumerable.Range(0, 239).Select(i => (double)(i % 3))];

        Assert.InRange(ColumnCodec.Encode(column).Length, 1, 31 + 160);
        Assert.Equal(Bits(column), Bits(RoundTrip(column)));
    }

    // Derived by hand from the layout; chunks of earlier releases must stay readable. 02 | 1000000 (2^0) | 10 001 (+1)
    // | 0 0 0; and 00 | 11 00000 001100 (no zeros before, 13 bits) | thirteen ones | 0 (the same again).
    [Theory]
    [InlineData(new[] { 1.0, 2.0, 3.0, 4.0 }, "028110")]
    [InlineData(new[] { double.NaN, double.NaN }, "00c067ffc0")]
    [InlineData(new[] { 0.1, 0.2, 0.3 }, "041880")]
    public void Golden_bytes_stay_readable_and_are_written_the_same(double[] values, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(ColumnCodec.Encode(values)));

        var back = new double[values.Length];
        ColumnCodec.Decode(Convert.FromHexString(hex), back);
        Assert.Equal(Bits(values), Bits(back));
    }

    [Fact]
    public void Where_values_are_is_read_as_bits_and_as_runs()
    {
        var present = ColumnCodec.Encode([1, 2, 3]);
        double[] column = [1, .. Enumerable.Repeat(Sampling.Absent, 200), 2, 3];
        var back = new double[4];

        ColumnCodec.Decode([(byte)(present[0] | 0x80), 0b1011_0000, .. present[1..]], back);
        Assert.Equal(Bits([1, Sampling.Absent, 2, 3]), Bits(back));
        // 1 with, 200 (2 bytes) without, 2 with.
        Assert.Equal([(byte)(present[0] | 0x40), 1, 0xC8, 1, 2, .. present[1..]], ColumnCodec.Encode(column));
        Assert.Equal(Bits(column), Bits(RoundTrip(column)));
        Assert.Throws<FormatException>(() => ColumnCodec.Decode([0x41, 1, 5, 0], new double[4]));
        Assert.Throws<FormatException>(() => ColumnCodec.Decode([0x41, 1], new double[4]));
    }

    [Fact]
    public void A_cut_column_is_refused_with_its_length()
    {
        var cut = ColumnCodec.Encode([1.5, 2.25, double.NaN])[..4];

        Assert.Contains(
            "ends after 4 bytes",
            Assert.Throws<FormatException>(() => ColumnCodec.Decode(cut, new double[3])).Message
        );
    }

    [Fact]
    public void An_unknown_scheme_is_refused_by_number() =>
        Assert.Contains(
            "scheme 9",
            Assert.Throws<FormatException>(() => ColumnCodec.Decode([9, 0], new double[1])).Message
        );

    private static double[] RoundTrip(double[] values)
    {
        var back = new double[values.Length];
        ColumnCodec.Decode(ColumnCodec.Encode(values), back);
        return back;
    }

    private static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];
}
