using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.AbTesting;

/// <summary>What the <c>ab-test</c> region routes.</summary>
public interface ITestMessage : IEntityMessage
{
    string TestId { get; }

    string IEntityMessage.EntityId => TestId;
}

/// <summary>What the <c>ab-traffic</c> region routes: the units of one family.</summary>
public interface ITrafficMessage : IEntityMessage
{
    string Family { get; }

    string IEntityMessage.EntityId => Family;
}

/// <summary>A step in an experiment's life, which the catalogue of experiments follows.</summary>
public interface ITestStep : IFollowedEvent
{
    string IFollowedEvent.Tag => ShardNames.AbTest;
}

/// <summary>What the <c>ab-cell</c> region routes: one hash cell of one test.</summary>
public interface ICellMessage : IEntityMessage
{
    string TestId { get; }

    int Cell { get; }

    string IEntityMessage.EntityId => $"{TestId}/{Cell}";
}

/// <summary>What the <c>ab-simulation</c> region routes.</summary>
public interface ISimulationMessage : IEntityMessage
{
    string SimulationId { get; }

    string IEntityMessage.EntityId => SimulationId;
}

public sealed partial class CreateTest : ITestMessage, ICommand;

public sealed partial class CloneTest : ITestMessage, ICommand;

public sealed partial class EditTest : ITestMessage, ICommand;

public sealed partial class ScheduleTest : ITestMessage, ICommand;

public sealed partial class StartTest : ITestMessage, ICommand;

public sealed partial class PauseTest : ITestMessage, ICommand;

public sealed partial class RampTest : ITestMessage, ICommand;

public sealed partial class StopTest : ITestMessage, ICommand;

public sealed partial class PromoteWinner : ITestMessage, ICommand;

public sealed partial class RollBackTest : ITestMessage, ICommand;

public sealed partial class ArchiveTest : ITestMessage, ICommand;

public sealed partial class CompletePromotion : ITestMessage, IIdempotentCommand;

public sealed partial class TakePromotionStep : ITestMessage, IIdempotentCommand;

public sealed partial class AdvanceTest : ITestMessage, IIdempotentCommand;

public sealed partial class ReportCell : ITestMessage, IIdempotentCommand;

public sealed partial class TestCreated : ITestStep;

public sealed partial class TestEdited : ITestStep;

public sealed partial class TestScheduled : ITestStep;

public sealed partial class TestStarted : ITestStep;

public sealed partial class TestPaused : ITestStep;

public sealed partial class CellReported : IEvent;

public sealed partial class TestDecided : ITestStep;

public sealed partial class PromotionRequested : ITestStep;

public sealed partial class PromotionStepTaken : ITestStep;

public sealed partial class TestPromoted : ITestStep;

public sealed partial class TestRolledBack : ITestStep;

public sealed partial class TestArchived : ITestStep;

public sealed partial class GetTest : ITestMessage, IQuery;

public sealed partial class TestReply : IWireMessage;

public sealed partial class AssignUnit : ITestMessage, IQuery;

public sealed partial class AssignUnitReply : IWireMessage;

public sealed partial class GetVerdict : ITestMessage, IQuery;

public sealed partial class VerdictReply : IWireMessage;

public sealed partial class TestSnapshot : IWireMessage;

public sealed partial class RunningTest : IWireMessage;

public sealed partial class GetRunningTest : ITestMessage, IQuery;

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

public sealed partial class CheckClaim : ITestMessage, IQuery;

public sealed partial class ClaimCheckReply : IWireMessage;

public sealed partial class GetHoldout : ITrafficMessage, IQuery;

public sealed partial class HoldoutReply : IWireMessage;

public sealed partial class GetLayer : ITrafficMessage, IQuery;

public sealed partial class LayerReply : IWireMessage;

public sealed partial class TrafficSnapshot : IWireMessage;

public sealed partial class ListTests : IWireMessage;

public sealed partial class TestsReply : IWireMessage;

public sealed partial class ListChanges : IWireMessage;

public sealed partial class ChangesReply : IWireMessage;

public sealed partial class RebuildCatalogue : IWireMessage;

public sealed partial class CatalogueReply : IWireMessage;

public sealed partial class GetReport : ITestMessage, IQuery;

public sealed partial class ReportReply : IWireMessage;

public sealed partial class Simulate : ISimulationMessage, ICommand;

public sealed partial class FinishSimulation : ISimulationMessage, IIdempotentCommand;

public sealed partial class SimulationRequested : IEvent;

public sealed partial class SimulationPlayed : IEvent;

public sealed partial class GetSimulation : ISimulationMessage, IQuery;

public sealed partial class SimulationReply : IWireMessage;

public sealed partial class SimulationSnapshot : IWireMessage;
