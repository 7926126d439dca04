using Akka.Hosting;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Wire;

public static class WireHosting
{
    /// <summary>Our serializer for our messages, nothing unregistered outward, nothing through JSON inward.</summary>
    public static AkkaConfigurationBuilder WithRalmSerialization(this AkkaConfigurationBuilder akka) =>
        akka.WithCustomSerializer("ralm", [typeof(IWireMessage)], system => new ProtobufSerializer(system))
            .AddHocon(
                $"""
                akka.actor.serialization-settings.allow-unregistered-types = false
                akka.actor.serializers.json = "{typeof(RejectingSerializer).FullName}, {typeof(RejectingSerializer).Assembly.GetName().Name}"
                """,
                HoconAddMode.Prepend
            );
}
