using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Akka.Serialization;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Messages.Tests.Wire;

public class ProtobufSerializerSpecs : TestKit
{
    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithRalmSerialization();

    [Fact]
    public void Every_wire_message_goes_through_our_serializer_and_back_unchanged()
    {
        foreach (var descriptor in WireTypes.All)
        {
            var message = PopulatedMessage.Of(descriptor);

            var serializer = Sys.Serialization.FindSerializerFor(message);
            var manifest = Serialization.ManifestFor(serializer, message);
            var read = Sys.Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, manifest);

            Assert.IsType<ProtobufSerializer>(serializer);
            Assert.Equal(message, read);
            Assert.NotSame(message, read);
        }
    }

    [Fact]
    public void Every_wire_type_is_bound_by_itself()
    {
        // Of two bindings to base types Akka takes one by the order of a hash table: some runs would write CLR names.
        var bound = Sys
            .Settings.Setup.Get<SerializationSetup>()
            .Value.CreateSerializers((ExtendedActorSystem)Sys)
            .SelectMany(details => details.UseFor);

        Assert.Empty(WireTypes.All.Select(d => d.ClrType).Except(bound));
    }

    [Fact]
    public void A_manifest_is_the_protobuf_name_whose_package_ends_in_a_version()
    {
        var serializer = new ProtobufSerializer((ExtendedActorSystem)Sys);

        Assert.Equal("ralm.training.v1.VersionRegistered", serializer.Manifest(new VersionRegistered()));
        Assert.All(WireTypes.All, d => Assert.Matches(@"^ralm\.[a-z]+\.v[1-9][0-9]*\.[A-Za-z]+$", d.FullName));
        Assert.All(WireTypes.All, d => Assert.Equal(d.FullName, serializer.Manifest(d.Parser.ParseFrom([]))));
    }

    [Theory]
    [InlineData("ralm.training.v1.NeverHeardOf")]
    [InlineData("RalmActors.Messages.Training.VersionRegistered, Shared.Messages")]
    [InlineData("google.protobuf.Timestamp")]
    [InlineData("")]
    public void An_unknown_manifest_is_refused_by_name(string manifest)
    {
        var refusal = Assert.Throws<SerializationException>(() =>
            Sys.Serialization.Deserialize([], ProtobufSerializer.Id, manifest)
        );

        Assert.Contains($"\"{manifest}\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_bytes_are_refused()
    {
        byte[] half = [.. new VersionRegistered { VersionId = "v-1" }.ToByteArray()[..^2]];

        Assert.Throws<InvalidProtocolBufferException>(() =>
            Sys.Serialization.Deserialize(half, ProtobufSerializer.Id, "ralm.training.v1.VersionRegistered")
        );
    }

    [Fact]
    public void The_serializer_id_is_what_the_first_journal_was_written_with() =>
        Assert.Equal(4200, ProtobufSerializer.Id);

    [Fact]
    public void A_type_without_a_contract_cannot_be_written()
    {
        Assert.Throws<SerializationException>(() => Sys.Serialization.Serialize(new Unregistered("x")));
        Assert.Throws<SerializationException>(() =>
            Sys.Serialization.FindSerializerFor(new Unregistered("x")).ToBinary(new Unregistered("x"))
        );
    }

    [Fact]
    public void Every_message_type_of_the_contract_is_known_to_exactly_one_manifest()
    {
        var generated = typeof(IWireMessage)
            .Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(IWireMessage)))
            .ToHashSet();

        Assert.Equal(generated, WireTypes.All.Select(d => d.ClrType).ToHashSet());
        Assert.Equal(generated.Count, WireTypes.All.Count);
    }

    private sealed record Unregistered(string Text);
}
