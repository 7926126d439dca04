using System.Collections.Immutable;
using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Retrainings;

/// <summary>
/// A model on its way from what a lineage has seen to the champion, or not: rows, run, version, test, verdict. It owes commands
/// to those who do the work, and asks them how far they are (<see cref="Questions"/>); each step is journaled.
/// </summary>
public sealed record RetrainingState(
    string RetrainingId,
    RetrainingOpened? Opened,
    RetrainingPrepared? Prepared,
    bool RunBegun,
    RetrainingTrained? Trained,
    RetrainingTestPlanned? TestPlanned,
    bool TestCreated,
    bool TestBegun,
    RetrainingEnded? Ended,
    bool RunCancelled,
    bool Told
) : IEntityState<RetrainingState>
{
    private const string Run = "run";
    private const string Create = "test";
    internal const string Start = "start";
    private const string Cancel = "cancel";
    private const string Word = "word";

    public static RetrainingState Empty(string entityId) =>
        new(entityId, null, null, false, null, null, false, false, null, false, false);

    public RetrainingStep Step =>
        Opened is null ? RetrainingStep.Unspecified
        : Ended is not null ? RetrainingStep.Ended
        : Prepared is null ? RetrainingStep.Collecting
        : Trained is null ? RetrainingStep.TrainingAnew
        : !TestBegun ? RetrainingStep.StartingTest
        : RetrainingStep.Testing;

    /// <summary>Nothing is left to do.</summary>
    public bool IsOver => Ended is not null && Told && !OwesCancel;

    public string ExperimentId => TestPlanned?.ExperimentId ?? "";

    private bool OwesCancel => Ended is not null && RunBegun && Trained is null && !RunCancelled;

    /// <summary>What is asked in turn, again and again, until the next step follows from an answer; none: it follows from no answer.</summary>
    public ImmutableArray<(IQuery Query, Type Region)> Questions =>
        Step switch
        {
            RetrainingStep.Collecting => [(new GetLineage { LineageId = Opened!.LineageId }, typeof(LineageRegion))],
            RetrainingStep.TrainingAnew when RunBegun =>
            [
                (new GetTrainingRun { RunId = RetrainingId }, typeof(TrainingRunRegion)),
            ],
            RetrainingStep.StartingTest when TestPlanned is null => [Champion],
            // While it waits for its units, another may become the champion, or somebody may start it.
            RetrainingStep.StartingTest when TestCreated => [Champion, Test],
            RetrainingStep.Testing => [Test],
            _ => [],
        };

    private (IQuery, Type) Champion => (new GetRegistry { Family = Prepared!.Family }, typeof(RegistryRegion));

    private (IQuery, Type) Test => (new GetExperiment { ExperimentId = ExperimentId }, typeof(AbTestRegion));

    public IEnumerable<OutgoingCommand> Outbox =>
        Step switch
        {
            RetrainingStep.TrainingAnew when !RunBegun => [new(Run, typeof(TrainingRunRegion), Starting)],
            RetrainingStep.StartingTest when TestPlanned is not null && !TestCreated =>
            [
                new(Create, typeof(AbTestRegion), Creating),
            ],
            RetrainingStep.StartingTest when TestCreated => [new(Start, typeof(AbTestRegion), Beginning)],
            RetrainingStep.Ended =>
            [
                .. OwesCancel ? [new(Cancel, typeof(TrainingRunRegion), Cancelling)] : (OutgoingCommand[])[],
                .. Told ? [] : (OutgoingCommand[])[new(Word, typeof(LineageRegion), Telling)],
            ],
            _ => [],
        };

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            OpenRetraining c => Decide(c),
            CancelRetraining c => RetrainingRules.CheckReason(c.Reason) is { } rejection ? Decision.Refuse(rejection)
            : Opened is null ? Decision.NotFound("retraining_id", c.RetrainingId, "must have been opened")
            : Ended is { Outcome: RetrainingOutcome.RetrainingCancelled } ? Decision.Nothing
            : Ended is { } ended
                ? Decision.Conflict("retraining_id", c.RetrainingId, $"is over ({ended.Outcome}: {ended.Reason})")
            : End(RetrainingOutcome.RetrainingCancelled, c.Reason),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public RetrainingState Apply(IEvent e) =>
        e switch
        {
            RetrainingOpened opened => this with { Opened = opened },
            RetrainingPrepared prepared => this with { Prepared = prepared },
            RetrainingRunBegun => this with { RunBegun = true },
            RetrainingTrained trained => this with { Trained = trained },
            RetrainingTestPlanned planned => this with { TestPlanned = planned, TestCreated = false },
            RetrainingTestCreated => this with { TestCreated = true },
            RetrainingTestBegun => this with { TestBegun = true },
            RetrainingEnded ended => this with { Ended = ended },
            RetrainingRunCancelled => this with { RunCancelled = true },
            RetrainingToldLineage => this with { Told = true },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public Decision? Settle(Settlement settled) =>
        (settled.Key, settled.Refused) switch
        {
            (Run, null) when !RunBegun => Decision.Accept(new RetrainingRunBegun()),
            (Run, _) when !RunBegun => End(RetrainingOutcome.RetrainingFailed, $"its run is refused: {settled.Reason}"),
            (Create, null) when !TestCreated => Decision.Accept(new RetrainingTestCreated()),
            (Create, _) when !TestCreated => End(
                RetrainingOutcome.RetrainingNotTested,
                $"its test is refused: {settled.Reason}"
            ),
            (Start, null) when !TestBegun => Decision.Accept(new RetrainingTestBegun()),
            // Refused or not: it is over, or has been before.
            (Cancel, _) when OwesCancel => Decision.Accept(new RetrainingRunCancelled()),
            (Word, _) when !Told => Decision.Accept(new RetrainingToldLineage()),
            _ => null,
        };

    /// <summary>What follows from what it has heard.</summary>
    /// <returns>Null: it goes on waiting.</returns>
    public Decision? Hear(IWireMessage answer) =>
        (Step, answer) switch
        {
            (RetrainingStep.Collecting, NotFoundReply) => End(
                RetrainingOutcome.RetrainingFailed,
                $"there is no lineage \"{Opened!.LineageId}\""
            ),
            (RetrainingStep.TrainingAnew, TrainingRunReply run) => Hear(run),
            (RetrainingStep.StartingTest, RegistryReply registry)
                when registry.ChampionVersionId != TestPlanned?.ChampionVersionId => Hear(registry),
            // Whoever has started it.
            (
                RetrainingStep.StartingTest,
                ExperimentReply { Status: not (ExperimentStatus.Draft or ExperimentStatus.Scheduled) }
            ) when TestCreated => Decision.Accept(new RetrainingTestBegun()),
            (RetrainingStep.Testing, ExperimentReply test)
                when RetrainingTest.End(test, Trained!.VersionId) is { } ended => Decision.Accept(ended),
            _ => null,
        };

    /// <summary>The rows are a dataset now. Null: that is known, or it is over.</summary>
    public Decision? HaveRows(RetrainingPrepared prepared) =>
        Step == RetrainingStep.Collecting ? Decision.Accept(prepared) : null;

    /// <summary>There will be no dataset. Null: there is one, or it is over.</summary>
    public Decision? HaveNoRows(string reason) =>
        Step == RetrainingStep.Collecting ? End(RetrainingOutcome.RetrainingFailed, reason) : null;

    public IWireMessage Answer(IQuery query) =>
        query is not GetRetraining ? throw new NotSupportedException(query.GetType().Name)
        : Opened is null ? new NotFoundReply { Region = RegionNames.Retraining, EntityId = RetrainingId }
        : new RetrainingReply
        {
            RetrainingId = RetrainingId,
            LineageId = Opened.LineageId,
            Step = Step,
            Outcome = Ended?.Outcome ?? RetrainingOutcome.Retraining,
            Reason = Ended?.Reason ?? "",
            Opened = Opened,
            Prepared = Prepared,
            Trained = Trained,
            RunId = RunBegun ? RetrainingId : "",
            ExperimentId = ExperimentId,
            ChampionVersionId = TestPlanned?.ChampionVersionId ?? "",
            OpenedAt = Opened.Header?.At,
            EndedAt = Ended?.Header?.At,
        };

    public IWireMessage ToSnapshot() =>
        new RetrainingSnapshot
        {
            Opened = Opened,
            Prepared = Prepared,
            RunBegun = RunBegun,
            Trained = Trained,
            TestPlanned = TestPlanned,
            TestCreated = TestCreated,
            TestBegun = TestBegun,
            Ended = Ended,
            RunCancelled = RunCancelled,
            Told = Told,
        };

    public static RetrainingState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (RetrainingSnapshot)snapshot;
        return new(
            entityId,
            s.Opened,
            s.Prepared,
            s.RunBegun,
            s.Trained,
            s.TestPlanned,
            s.TestCreated,
            s.TestBegun,
            s.Ended,
            s.RunCancelled,
            s.Told
        );
    }

    private Decision Decide(OpenRetraining c) =>
        RetrainingRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Opened is not null ? Decision.Conflict("retraining_id", c.RetrainingId, "is taken: one is opened once")
        : Decision.Accept(
            new RetrainingOpened
            {
                LineageId = c.LineageId,
                SinceBatchNr = c.SinceBatchNr,
                Plan = RetrainingRules.Filled(c.Plan),
                Reason = c.Reason,
            }
        );

    private Decision? Hear(TrainingRunReply run) =>
        run switch
        {
            { Status: RunStatus.Failed or RunStatus.Cancelled } => End(
                RetrainingOutcome.RetrainingFailed,
                $"its run {RetrainingId} is over ({run.Status}): {run.Reason}"
            ),
            { Status: RunStatus.Completed, NotRegistered.Length: > 0 } => End(
                RetrainingOutcome.RetrainingFailed,
                $"the registry has not taken its version: {run.NotRegistered}"
            ),
            { Status: RunStatus.Completed, Registered: true } => Made(run),
            _ => null,
        };

    private Decision Made(TrainingRunReply run)
    {
        var trained = new RetrainingTrained { VersionId = RetrainingId, Metrics = { run.Metrics } };
        return Opened!.Plan.Experiment is not null
            ? Decision.Accept(trained)
            : Decision.Accept(trained, Ending(RetrainingOutcome.RetrainingNotTested, "plan.experiment names no test"));
    }

    /// <summary>Of another champion it is another test; the first has never begun.</summary>
    private string NextTest =>
        TestPlanned is not { ExperimentId: var id } ? $"{RetrainingId}{RetrainingRules.TestSuffix}"
        : int.TryParse(id.AsSpan(id.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var nr)
            ? $"{RetrainingId}{RetrainingRules.TestSuffix}-{nr + 1}"
        : $"{id}-2";

    private Decision Hear(RegistryReply registry) =>
        registry.ChampionVersionId.Length == 0
            ? End(
                RetrainingOutcome.RetrainingNotTested,
                $"the family {registry.Family} has no champion to be tested against"
            )
            : Decision.Accept(
                new RetrainingTestPlanned { ExperimentId = NextTest, ChampionVersionId = registry.ChampionVersionId }
            );

    private static Decision End(RetrainingOutcome outcome, string reason) => Decision.Accept(Ending(outcome, reason));

    private static RetrainingEnded Ending(RetrainingOutcome outcome, string reason) =>
        new() { Outcome = outcome, Reason = reason };

    private CommandHeader Header(string what) =>
        new()
        {
            CommandId = $"{what}:{RetrainingId}",
            CorrelationId = Opened!.Header?.CorrelationId ?? "",
            CausationId = Opened.Header?.CausationId ?? "",
        };

    private StartTraining Starting()
    {
        var config = Opened!.Plan.Config?.Clone() ?? new TrainingConfig();
        config.Model = Prepared!.Model ?? config.Model;
        return new StartTraining
        {
            Header = Header("train"),
            RunId = RetrainingId,
            DatasetPath = Prepared.DatasetPath,
            DatasetHash = Prepared.DatasetHash,
            Family = Prepared.Family,
            VersionId = RetrainingId,
            Config = config,
            Initial = Prepared.Initial,
            ParentVersionId = Prepared.Initial is null ? "" : Prepared.ParentVersionId,
        };
    }

    private CreateExperiment Creating() =>
        new()
        {
            Header = Header($"create:{ExperimentId}"),
            ExperimentId = ExperimentId,
            Definition = RetrainingTest.Definition(
                Opened!.Plan,
                Prepared!,
                Trained!.VersionId,
                TestPlanned!.ChampionVersionId
            ),
        };

    private StartExperiment Beginning() =>
        new() { Header = Header($"start:{ExperimentId}"), ExperimentId = ExperimentId };

    private CancelTraining Cancelling() =>
        new()
        {
            Header = Header("cancel"),
            RunId = RetrainingId,
            Reason = $"its retraining is over: {Ended!.Reason}",
        };

    private RecordRetraining Telling() =>
        new()
        {
            Header = Header("retrained"),
            LineageId = Opened!.LineageId,
            RetrainingId = RetrainingId,
            Outcome = Ended!.Outcome,
            Reason = Ended.Reason,
            VersionId = Trained?.VersionId ?? "",
            ExperimentId = ExperimentId,
        };
}
