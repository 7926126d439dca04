using Akka.Actor;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>The cells of an experiment: what they count, and that none of them sleeps over its matured units.</summary>
public sealed partial class ExperimentActor
{
    /// <summary>Tells cells what to count, and wakes the others one by one; see <see cref="CellConfiguration"/>.</summary>
    private void ConfigureCells()
    {
        if (!State.IsCollecting)
        {
            return;
        }

        _cells.Follow(State);
        foreach (var cell in _cells.Urgent(State))
        {
            Configure(cell);
        }

        WakeSoon();
    }

    private void WakeSoon()
    {
        if (State.IsCollecting && !Timers.IsTimerActive(nameof(WakeNext)) && _cells.Next(State) is not null)
        {
            Timers.After(nameof(WakeNext), _pace.Reserve(), WakeNext);
        }
    }

    private void WakeNext()
    {
        if (State.IsCollecting && _cells.Next(State) is { } cell)
        {
            Configure(cell);
        }
    }

    private void Configure(int cell)
    {
        var configure = CellConfiguration.Command(State, cell);
        _ = _registry
            .Get<AbCellRegion>()
            .AskFor<CommandReply>(configure, _options.AnnounceEvery)
            .PipeTo(
                Self,
                success: answer => new CellReady(
                    answer is Answer<CommandReply>.Given ? cell : -1,
                    configure.Metrics.Count
                )
            );
    }

    /// <param name="Cell">Negative: it has not confirmed.</param>
    private sealed record CellReady(int Cell, int Metrics);
}
