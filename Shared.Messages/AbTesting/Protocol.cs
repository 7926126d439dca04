using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.AbTesting;

/// <summary>What the <c>ab-test</c> region routes.</summary>
public interface IExperimentMessage : IEntityMessage
{
    string ExperimentId { get; }

    string IEntityMessage.EntityId => ExperimentId;
}

/// <summary>What the <c>ab-traffic</c> region routes: the units of one family.</summary>
public interface ITrafficMessage : IEntityMessage
{
    string Family { get; }

    string IEntityMessage.EntityId => Family;
}

/// <summary>A step in an experiment's life, which the catalogue of experiments follows.</summary>
public interface IExperimentStep : IFollowedEvent
{
    string IFollowedEvent.Tag => RegionNames.AbTest;
}

/// <summary>What the <c>ab-cell</c> region routes: one hash cell of one test.</summary>
public interface ICellMessage : IEntityMessage
{
    string ExperimentId { get; }

    int Cell { get; }

    string IEntityMessage.EntityId => $"{ExperimentId}/{Cell}";
}

/// <summary>What the <c>ab-simulation</c> region routes.</summary>
public interface ISimulationMessage : IEntityMessage
{
    string SimulationId { get; }

    string IEntityMessage.EntityId => SimulationId;
}

public sealed partial class CreateExperiment : IExperimentMessage, ICommand;

public sealed partial class CloneExperiment : IExperimentMessage, ICommand;

public sealed partial class EditExperiment : IExperimentMessage, ICommand;

public sealed partial class ScheduleExperiment : IExperimentMessage, ICommand;

public sealed partial class StartExperiment : IExperimentMessage, ICommand;

public sealed partial class PauseExperiment : IExperimentMessage, ICommand;

public sealed partial class RampExperiment : IExperimentMessage, ICommand;

public sealed partial class StopExperiment : IExperimentMessage, ICommand;

public sealed partial class PromoteWinner : IExperimentMessage, ICommand;

public sealed partial class RollBackExperiment : IExperimentMessage, ICommand;

public sealed partial class ArchiveExperiment : IExperimentMessage, ICommand;

public sealed partial class CompletePromotion : IExperimentMessage, IIdempotentCommand;

public sealed partial class TakePromotionStep : IExperimentMessage, IIdempotentCommand;

public sealed partial class AdvanceExperiment : IExperimentMessage, IIdempotentCommand;

public sealed partial class ReportCell : IExperimentMessage, IIdempotentCommand;

public sealed partial class ExperimentCreated : IExperimentStep;

public sealed partial class ExperimentEdited : IExperimentStep;

public sealed partial class ExperimentScheduled : IExperimentStep;

public sealed partial class ExperimentStarted : IExperimentStep;

public sealed partial class ExperimentPaused : IExperimentStep;

public sealed partial class CellReported : IEvent;

public sealed partial class ExperimentDecided : IExperimentStep;

public sealed partial class PromotionRequested : IExperimentStep;

public sealed partial class PromotionStepTaken : IExperimentStep;

public sealed partial class ExperimentPromoted : IExperimentStep;

public sealed partial class ExperimentRolledBack : IExperimentStep;

public sealed partial class ExperimentArchived : IExperimentStep;

public sealed partial class GetExperiment : IExperimentMessage, IQuery;

public sealed partial class ExperimentReply : IWireMessage;

public sealed partial class AssignUnit : IExperimentMessage, IQuery;

public sealed partial class AssignUnitReply : IWireMessage;

public sealed partial class GetVerdict : IExperimentMessage, IQuery;

public sealed partial class VerdictReply : IWireMessage;

public sealed partial class ExperimentSnapshot : IWireMessage;

public sealed partial class RunningExperiment : IWireMessage;

public sealed partial class GetRunningExperiment : IExperimentMessage, IQuery;

public sealed partial class ConfigureCell : ICellMessage, IIdempotentCommand;

public sealed partial class RecordExposure : ICellMessage, IIdempotentCommand;

public sealed partial class RecordOutcome : ICellMessage, IIdempotentCommand;

public sealed partial class CellConfigured : IEvent;

public sealed partial class ExposureRecorded : IEvent;

public sealed partial class OutcomeRecorded : IEvent;

public sealed partial class GetCell : ICellMessage, IQuery;

public sealed partial class CellReply : IWireMessage;

public sealed partial class CellSnapshot : IWireMessage;

public sealed partial class ClaimTraffic : ITrafficMessage, IIdempotentCommand;

public sealed partial class ReleaseTraffic : ITrafficMessage, IIdempotentCommand;

public sealed partial class SetHoldout : ITrafficMessage, ICommand;

public sealed partial class TrafficClaimed : IEvent;

public sealed partial class TrafficReleased : IEvent;

public sealed partial class HoldoutSet : IEvent;

public sealed partial class ClaimReply : IWireMessage;

public sealed partial class CheckClaim : IExperimentMessage, IQuery;

public sealed partial class ClaimCheckReply : IWireMessage;

public sealed partial class GetHoldout : ITrafficMessage, IQuery;

public sealed partial class HoldoutReply : IWireMessage;

public sealed partial class GetLayer : ITrafficMessage, IQuery;

public sealed partial class LayerReply : IWireMessage;

public sealed partial class TrafficSnapshot : IWireMessage;

public sealed partial class ListExperiments : IWireMessage;

public sealed partial class ExperimentsReply : IWireMessage;

public sealed partial class ListChanges : IWireMessage;

public sealed partial class ChangesReply : IWireMessage;

public sealed partial class RebuildCatalogue : IWireMessage;

public sealed partial class CatalogueReply : IWireMessage;

public sealed partial class GetReport : IExperimentMessage, IQuery;

public sealed partial class ReportReply : IWireMessage;

public sealed partial class Simulate : ISimulationMessage, ICommand;

public sealed partial class FinishSimulation : ISimulationMessage, IIdempotentCommand;

public sealed partial class SimulationRequested : IEvent;

public sealed partial class SimulationPlayed : IEvent;

public sealed partial class GetSimulation : ISimulationMessage, IQuery;

public sealed partial class SimulationReply : IWireMessage;

public sealed partial class SimulationSnapshot : IWireMessage;
