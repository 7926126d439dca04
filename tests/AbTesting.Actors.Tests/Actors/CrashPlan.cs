using System.Collections.Concurrent;
using Akka.Actor;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>Where a promotion loses its test and its rollout: before or after one of the messages that pass.</summary>
/// <param name="Message">Its label, see <see cref="CrashPlan"/>; empty: nowhere.</param>
public sealed record CrashPoint(string Message, bool After)
{
    public override string ToString() => $"{(After ? "after" : "before")} {Message}";
}

/// <summary>
/// Many promotions at once, each with a point of its own. A message's label is its type, for <c>SetStage</c> with the
/// stage, and how often it has passed: <c>SetStage Shadow 1</c>. A promotion's family is named as its test.
/// </summary>
internal sealed class CrashPlan
{
    private readonly ConcurrentDictionary<string, CrashPoint> _points = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Promotion, string Label), int> _passed = new();

    private readonly ConcurrentDictionary<(string Promotion, string Message), TaskCompletionSource<Action>> _held =
        new();

    public ConcurrentDictionary<string, int> Crashes { get; } = new(StringComparer.Ordinal);

    /// <summary>The region of the tests.</summary>
    public IActorRef Tests { get; set; } = ActorRefs.Nobody;

    public void Add(string promotion, CrashPoint point) => _points[promotion] = point;

    /// <summary>Holds a message back: how to deliver it, once it has come. Run by its region, see <see cref="CrashingRegion.Late"/>.</summary>
    public Task<Action> Hold(string promotion, string message)
    {
        var held = new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously);
        _held[(promotion, message)] = held;
        return held.Task;
    }

    public void Around(IEntityMessage message, Action deliver)
    {
        var promotion = message switch
        {
            IExperimentMessage test => test.ExperimentId.Split(':')[0],
            IRegistryMessage registry => registry.Family,
            ITrafficMessage traffic => traffic.Family,
            _ => "",
        };
        var label = message is SetStage set ? $"SetStage {set.Stage}" : message.Descriptor.Name;
        var nr = _passed.AddOrUpdate((promotion, label), 1, (_, n) => n + 1);
        if (_held.TryRemove((promotion, $"{label} {nr}"), out var held))
        {
            held.SetResult(deliver);
            return;
        }

        var point = _points.GetValueOrDefault(promotion);
        var strikes = point?.Message == $"{label} {nr}";
        if (strikes && !point!.After)
        {
            Lose(promotion);
        }

        deliver();
        if (strikes && point!.After)
        {
            Lose(promotion);
        }
    }

    private void Lose(string promotion)
    {
        Crashes.AddOrUpdate(promotion, 1, (_, n) => n + 1);
        Tests.Tell(new CrashingRegion.Lose(promotion));
        Tests.Tell(new CrashingRegion.Lose(Rollouts.IdOf(promotion)));
    }
}
