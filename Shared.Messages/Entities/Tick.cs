using Akka.Actor;

namespace RalmActors.Messages.Entities;

/// <summary>
/// A timer of an actor has come: the one message for all of them. What is to be done is said where the timer is started, and
/// is done in the actor's own turn. Timers end with their incarnation, so none does the work of the one before.
/// </summary>
/// <param name="key">Of the timer.</param>
public sealed class Tick(object key, Action then) : INoSerializationVerificationNeeded
{
    /// <summary>What the timer was started for.</summary>
    public void Do() => then();

    public override string ToString() => $"tick {key}";
}

/// <summary>The one way to start a timer of an actor, which then hears <see cref="Tick"/>.</summary>
public static class Ticks
{
    /// <summary>Once.</summary>
    /// <param name="key">Starting another under the same key takes its place.</param>
    public static void After(this ITimerScheduler timers, object key, TimeSpan wait, Action then) =>
        timers.StartSingleTimer(key, new Tick(key, then), wait);

    /// <summary>Again and again.</summary>
    /// <param name="first">Wait before the first time; null: as long as between two.</param>
    /// <inheritdoc cref="After"/>
    public static void Every(
        this ITimerScheduler timers,
        object key,
        TimeSpan pause,
        Action then,
        TimeSpan? first = null
    ) => timers.StartPeriodicTimer(key, new Tick(key, then), first ?? pause, pause);
}
