using Akka.Actor;

namespace RalmActors.Messages.Entities;

/// <summary>Stops an entity behind whatever it is still writing.</summary>
public sealed class StopEntity : INoSerializationVerificationNeeded
{
    public static readonly StopEntity Instance = new();

    private StopEntity() { }
}
