using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Wire;

/// <summary>The one serializer of the house: protobuf bytes under the manifest of <see cref="WireTypes"/>.</summary>
public sealed class ProtobufSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Written beside every journaled event; never change it. Akka keeps 0 to 40 for itself.</summary>
    public const int Id = 4200;

    public override int Identifier => Id;

    public override string Manifest(object o) => ((IMessage)o).Descriptor.FullName;

    public override byte[] ToBinary(object obj) =>
        obj is IWireMessage message
            ? message.ToByteArray()
            : throw new ArgumentException($"{obj.GetType()} is not a wire message", nameof(obj));

    public override object FromBinary(byte[] bytes, string manifest) => WireTypes.Parse(manifest, bytes);
}
