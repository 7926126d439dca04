using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The cells of an experiment hear what to count, and none of them sleeps over its matured units; who is to hear it when is for
/// <see cref="CellConfiguration"/> to say.
/// </summary>
/// <param name="experiment">As it is now.</param>
/// <param name="self">Hears <see cref="Ready"/>, and the timers.</param>
internal sealed class ExperimentCells(
    Func<ExperimentState> experiment,
    AbTestingOptions options,
    IReadOnlyActorRegistry regions,
    WakingPace pace,
    ITimerScheduler timers,
    IActorRef self
)
{
    private readonly CellConfiguration _configuration = new();

    private ExperimentState Test => experiment();

    /// <summary>Tells cells what to count, and wakes the others one by one.</summary>
    public void Configure()
    {
        if (!Test.IsCollecting)
        {
            return;
        }

        _configuration.Follow(Test);
        foreach (var cell in _configuration.Urgent(Test))
        {
            Configure(cell);
        }

        WakeSoon();
    }

    /// <inheritdoc cref="CellConfiguration.WakeMatured"/>
    public void WakeMatured(DateTimeOffset now) =>
        _configuration.WakeMatured(Test, now, 2 * options.ReportMaturedAfter);

    /// <inheritdoc cref="CellConfiguration.WakeAgain"/>
    public void WakeAgain()
    {
        _configuration.WakeAgain();
        Configure();
    }

    public void Hear(Ready ready)
    {
        if (ready.IsConfirmed)
        {
            _configuration.Confirm(ready.Cell, ready.Metrics);
            WakeSoon();
        }
    }

    private void WakeSoon()
    {
        if (Test.IsCollecting && !timers.IsTimerActive(nameof(WakeNext)) && _configuration.Next(Test) is not null)
        {
            timers.After(nameof(WakeNext), pace.Reserve(), WakeNext);
        }
    }

    private void WakeNext()
    {
        if (Test.IsCollecting && _configuration.Next(Test) is { } cell)
        {
            Configure(cell);
        }
    }

    private void Configure(int cell)
    {
        var configure = CellConfiguration.Command(Test, cell);
        _ = regions
            .Get<AbCellRegion>()
            .AskFor<CommandReply>(configure, options.AnnounceEvery)
            .PipeTo(
                self,
                success: answer => new Ready(cell, configure.Metrics.Count, answer is Answer<CommandReply>.Given)
            );
    }

    /// <summary>A cell has answered what it was told, or has not.</summary>
    /// <param name="Metrics">How many it was told of.</param>
    internal sealed record Ready(int Cell, int Metrics, bool IsConfirmed) : INoSerializationVerificationNeeded;
}
