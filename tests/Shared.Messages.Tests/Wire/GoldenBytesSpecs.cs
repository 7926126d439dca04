using Google.Protobuf;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Messages.Tests.Wire;

public class GoldenBytesSpecs
{
    public static TheoryData<string> JournaledManifests => [.. GoldenBytes.Journaled.Select(d => d.FullName)];

    public static TheoryData<string> Files => [.. GoldenBytes.Files];

    [Theory]
    [MemberData(nameof(JournaledManifests))]
    public void Every_field_of_a_journaled_type_is_in_a_golden_file(string manifest)
    {
        var today = PopulatedMessage.Of(GoldenBytes.Journaled.Single(d => d.FullName == manifest)).ToByteArray();
        GoldenBytes.WriteWhenAsked(manifest, today);

        Assert.True(
            GoldenBytes
                .Files.Where(f => GoldenBytes.ManifestOf(f) == manifest)
                .Any(f => GoldenBytes.Read(f).AsSpan().SequenceEqual(today)),
            $"no golden file has the present form of {manifest}; {GoldenBytes.HowToWrite}"
        );
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_bytes_are_read_whole_and_written_back_the_same(string file)
    {
        var golden = GoldenBytes.Read(file);
        var manifest = GoldenBytes.ManifestOf(file);

        // A field that was removed or changed its number or type would be unknown, and dropped here.
        var descriptor = WireTypes.Parse(manifest, golden).Descriptor;
        var read = descriptor.Parser.WithDiscardUnknownFields(discardUnknownFields: true).ParseFrom(golden);

        Assert.Equal(Convert.ToHexStringLower(golden), Convert.ToHexStringLower(read.ToByteArray()));
    }

    [Theory]
    [MemberData(nameof(JournaledManifests))]
    public void A_populated_message_leaves_no_field_at_its_default(string manifest)
    {
        var message = PopulatedMessage.Of(GoldenBytes.Journaled.Single(d => d.FullName == manifest));

        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var alone = message.Descriptor.Parser.ParseFrom([]);
            if (field.IsRepeated)
            {
                Assert.NotEmpty((System.Collections.IList)field.Accessor.GetValue(message));
            }
            else if (field.RealContainingOneof is null)
            {
                Assert.NotEqual(field.Accessor.GetValue(alone), field.Accessor.GetValue(message));
            }
        }
    }
}
