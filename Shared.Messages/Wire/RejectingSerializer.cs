using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace RalmActors.Messages.Wire;

/// <summary>
/// Takes the place of Akka's JSON serializer (id 1), which would otherwise instantiate whatever type a forged payload
/// names. Strict serialization guards only what we write; this guards what we read.
/// </summary>
public sealed class RejectingSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public RejectingSerializer(ExtendedActorSystem system, Config config)
        : this(system) => _ = config;

    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType()} has no protobuf contract and must not leave this node");

    public override object FromBinary(byte[] bytes, Type? type) =>
        throw new SerializationException("JSON payloads (serializer id 1) are refused");
}
