using Akka.Actor;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// Published on the event stream of the collector's node when an alert that is not silenced fires or resolves. At least
/// once: a collector that starts again tells of what is firing.
/// </summary>
public sealed record AlertNotification(string SourceId, Alert Alert) : INoSerializationVerificationNeeded;
