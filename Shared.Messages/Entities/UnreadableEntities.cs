using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Telemetry;

namespace RalmActors.Messages.Entities;

/// <summary>
/// The entities of this node that could not be recovered, and when each is tried again. One line is logged per entity and
/// cause. It is this node's memory alone: after a restart, or on another node, they are found again as they are called.
/// </summary>
public sealed class UnreadableEntities : IExtension
{
    private static readonly TimeSpan BetweenOutageLines = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Region, string EntityId), UnreadableEntity> _entities = new();
    private readonly ConcurrentDictionary<string, Func<string, string>> _shards = new(StringComparer.Ordinal);
    private readonly ILoggingAdapter _log;
    private readonly TimeProvider _clock = TimeProvider.System;
    private long _outageLoggedAt;

    private UnreadableEntities(ActorSystem system)
    {
        _log = Logging.GetLogger(system, typeof(UnreadableEntities));
        _outageLoggedAt = _clock.GetTimestamp() - (long)(BetweenOutageLines.TotalSeconds * _clock.TimestampFrequency);
    }

    public int Count => _entities.Count;

    public ICollection<UnreadableEntity> All => _entities.Values;

    public static UnreadableEntities Of(ActorSystem system) => system.WithExtension<UnreadableEntities, Provider>();

    /// <summary>How the region divides its entities, so that those that have moved away can be told.</summary>
    public void Shards(string region, Func<string, string> shardOf) => _shards[region] = shardOf;

    public string ShardOf(UnreadableEntity entity) => _shards[entity.Region](entity.EntityId);

    /// <summary>A recovery has failed. When nobody can be read, that says nothing of this entity.</summary>
    public void Failed(string region, string entityId, Exception cause)
    {
        RalmMetrics.RecoveryFailures.Add(1, new KeyValuePair<string, object?>("region", region));
        if (RecoveryFailures.IsOfDatabase(cause))
        {
            LogOutage(region, entityId, cause);
            return;
        }

        var known = _entities.GetValueOrDefault((region, entityId));
        var (now, reason) = (_clock.GetUtcNow(), RecoveryFailures.Reason(cause));
        var attempts = (known?.Attempts ?? 0) + 1;
        _entities[(region, entityId)] = new UnreadableEntity
        {
            Region = region,
            EntityId = entityId,
            Reason = reason,
            Since = known?.Since ?? Timestamp.FromDateTimeOffset(now),
            Attempts = attempts,
            NextTryAt = Timestamp.FromDateTimeOffset(now + RecoveryFailures.PauseAfter(attempts)),
        };
        if (known?.Reason != reason)
        {
            _log.Error(cause, "{0}/{1} cannot be read: {2}", region, entityId, reason);
        }
    }

    public void Recovered(string region, string entityId)
    {
        if (!_entities.IsEmpty && _entities.TryRemove((region, entityId), out var was))
        {
            _log.Info("{0}/{1} is readable again after {2} attempts", region, entityId, was.Attempts);
        }
    }

    /// <summary>It lives elsewhere now.</summary>
    public void Forget(UnreadableEntity entity) => _entities.TryRemove((entity.Region, entity.EntityId), out _);

    /// <summary>What a stand-in answers, while the entity waits for its next attempt; else <c>null</c>.</summary>
    public UnreadableEntity? Paused(string region, string entityId) =>
        _entities.TryGetValue((region, entityId), out var known) && !IsDue(known) ? known : null;

    public bool IsDue(UnreadableEntity entity) => entity.NextTryAt.ToDateTimeOffset() <= _clock.GetUtcNow();

    /// <summary>How long until the next attempt; never negative.</summary>
    public TimeSpan Pause(UnreadableEntity entity)
    {
        var left = entity.NextTryAt.ToDateTimeOffset() - _clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void LogOutage(string region, string entityId, Exception cause)
    {
        var (now, last) = (_clock.GetTimestamp(), Interlocked.Read(ref _outageLoggedAt));
        if (
            _clock.GetElapsedTime(last, now) >= BetweenOutageLines
            && Interlocked.CompareExchange(ref _outageLoggedAt, now, last) == last
        )
        {
            _log.Warning(
                "The journal cannot be read now ({0}/{1}): {2}",
                region,
                entityId,
                RecoveryFailures.Reason(cause)
            );
        }
    }

    private sealed class Provider : ExtensionIdProvider<UnreadableEntities>
    {
        public override UnreadableEntities CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
