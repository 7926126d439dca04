using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Simulation;

/// <summary>A design that is played once, and what came out.</summary>
/// <param name="Design">Complete. Null: nothing was asked for.</param>
/// <param name="Result">Null: it is still to be played.</param>
public sealed record SimulationState(string SimulationId, SimulationDesign? Design, SimulationResult? Result)
    : IEntityState<SimulationState>
{
    public static SimulationState Empty(string entityId) => new(entityId, null, null);

    public static SimulationState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (SimulationSnapshot)snapshot;
        return new SimulationState(entityId, s.Design, s.Result);
    }

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            Simulate { Design: null } => Decision.Invalid("design", "", "must be set"),
            Simulate c => Ask(DesignRules.Complete(c.Design)),
            FinishSimulation c when Design is not null && Result is null => Decision.Accept(
                new SimulationPlayed { Result = c.Result }
            ),
            FinishSimulation => Decision.Nothing,
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public SimulationState Apply(IEvent e) =>
        e switch
        {
            SimulationRequested requested => this with { Design = requested.Design },
            SimulationPlayed played => this with { Result = played.Result },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        Design is null
            ? new NotFoundReply { Region = RegionNames.AbSimulation, EntityId = SimulationId }
            : new SimulationReply
            {
                SimulationId = SimulationId,
                Design = Design,
                Result = Result,
                RunsPlayed = Result?.Runs ?? 0,
            };

    public IWireMessage ToSnapshot() => new SimulationSnapshot { Design = Design, Result = Result };

    private Decision Ask(SimulationDesign design) =>
        DesignRules.Check(design) is { } rejection
            ? new Decision(
                [],
                new Rejection
                {
                    Code = rejection.Code,
                    Field = $"design.{rejection.Field}",
                    Value = rejection.Value,
                    Rule = rejection.Rule,
                }
            )
        : Design is null ? Decision.Accept(new SimulationRequested { Design = design })
        : Design.Equals(design) ? Decision.Nothing
        : Decision.Conflict("simulation_id", SimulationId, "has another design: take another id");
}
