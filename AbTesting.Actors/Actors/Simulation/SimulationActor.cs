using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.AbTesting.Domain.Simulation;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// The shell of <see cref="SimulationState"/>. Its effect: the design is played on one thread, with the seed it names, so that whoever
/// takes it up after a crash comes to the same result.
/// </summary>
public sealed class SimulationActor(string entityId, EntityOptions options, TimeProvider clock)
    : EntityActor<SimulationState>(RegionNames.AbSimulation, entityId, options, clock)
{
    private Action? _stop;
    private int _played;

    protected override void OnReady() => GoOn();

    protected override void OnChanged(SimulationState before, ImmutableArray<IEvent> events) => GoOn();

    protected override IWireMessage Answer(IQuery query)
    {
        var answer = State.Answer(query);
        if (answer is SimulationReply { Result: null } reply)
        {
            reply.RunsPlayed = Volatile.Read(ref _played);
        }

        return answer;
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case SimulationResult result:
                Execute(
                    new FinishSimulation
                    {
                        Header = new CommandHeader { CommandId = "finish", CorrelationId = PersistenceId },
                        SimulationId = EntityId,
                        Result = result,
                    },
                    ActorRefs.Nobody
                );
                return true;
            case Status.Failure failed:
                Log.Error(failed.Cause, "{0}: cannot be played", PersistenceId);
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        _stop?.Invoke();
        base.PostStop();
    }

    private void GoOn()
    {
        if (State is { Design: { } design, Result: null } && _stop is null)
        {
            // Never linked and without a timer: nothing to dispose of.
            var playing = new CancellationTokenSource();
            _stop = playing.Cancel;
            var ct = playing.Token;
            _ = Task
                .Factory.StartNew(
                    () => Simulator.Play(design, ct, () => Interlocked.Increment(ref _played), threads: 1),
                    ct,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
                .PipeTo(Self);
        }
        else if (State.Result is not null)
        {
            LeaveMemory();
        }
    }
}
