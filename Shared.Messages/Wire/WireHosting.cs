using Akka.Hosting;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Wire;

public static class WireHosting
{
    /// <summary>
    /// Our serializer for our messages, nothing unregistered outward, nothing through JSON inward. Each type is bound by
    /// itself: Akka binds all protobuf messages to a serializer of its own, which writes CLR names, and of two bindings to
    /// base types it takes one by the order of a hash table, which differs from run to run.
    /// </summary>
    public static AkkaConfigurationBuilder WithRalmSerialization(this AkkaConfigurationBuilder akka) =>
        akka.WithCustomSerializer(
                "ralm",
                [typeof(IWireMessage), .. WireTypes.All.Select(d => d.ClrType)],
                system => new ProtobufSerializer(system)
            )
            .AddHocon(
                $"""
                akka.actor.serialization-settings.allow-unregistered-types = false
                akka.actor.serializers.json = "{typeof(RejectingSerializer).FullName}, {typeof(RejectingSerializer).Assembly.GetName().Name}"
                """,
                HoconAddMode.Prepend
            );
}
