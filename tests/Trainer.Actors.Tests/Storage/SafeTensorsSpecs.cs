using System.Text;
using CsCheck;
using Ralm.Models.Artifacts;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Storage;

public sealed class SafeTensorsSpecs
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Fact]
    public void The_bytes_are_the_format_to_the_letter()
    {
        var bytes = SafeTensors.Write([new NamedTensor("a", [1, 2], new[] { 1f, 2f })], NoMetadata);

        const string header = """{"__metadata__":{},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""";
        var length = (header.Length + 7) / 8 * 8;
        Assert.Equal(length, BitConverter.ToInt64(bytes));
        Assert.Equal(header, Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40], bytes[(8 + length)..]);
    }

    [Fact]
    public void The_order_of_the_tensors_does_not_matter()
    {
        var a = new NamedTensor("a", [1], new[] { 1f });
        var b = new NamedTensor("b", [1], new[] { 2f });

        Assert.Equal(SafeTensors.Write([a, b], NoMetadata), SafeTensors.Write([b, a], NoMetadata));
        Assert.Equal(SafeTensors.WeightsHash([a, b]), SafeTensors.WeightsHash([b, a]));
    }

    [Fact]
    public void Whatever_the_bytes_they_are_read_or_refused()
    {
        var good = SafeTensors.Write([new NamedTensor("a", [3], new[] { 1f, 2f, 3f })], NoMetadata);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length])
            .Sample(
                (at, value, length) =>
                {
                    var bytes = (byte[])good.Clone();
                    bytes[at] = value;
                    try
                    {
                        SafeTensors.Read(bytes.AsSpan(0, length));
                    }
                    catch (InvalidDataException)
                    {
                        // refused, as it should be
                    }
                },
                iter: 5_000
            );
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", "F16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "shape [2]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "bytes 0-8 of 4")]
    public void A_header_that_lies_is_refused_by_name(string header, string expected)
    {
        byte[] bytes = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), 0, 0, 0, 0];

        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => SafeTensors.Read(bytes)).Message);
    }
}
