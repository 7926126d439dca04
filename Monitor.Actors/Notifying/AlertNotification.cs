using Akka.Actor;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>
/// Published on the event stream of the collector's node when an alert that is not silenced fires, or when one that was told has
/// resolved. At least once: what was not known to be told when a collector went away is told again by the next.
/// </summary>
public sealed record AlertNotification(string SourceId, Alert Alert) : INoSerializationVerificationNeeded;
