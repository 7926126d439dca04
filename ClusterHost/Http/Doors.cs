using System.Collections.Immutable;
using RalmActors.ClusterHost.Reports;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Http;

/// <summary>Every REST operation, one line each. Bodies are the messages themselves, in the protobuf JSON mapping.</summary>
public static class Doors
{
    public static readonly ImmutableArray<Door> All =
    [
        // Offline runs
        Door.Command<StartTraining, TrainingRunRegion>("/training/runs"),
        Door.Command<CancelTraining, TrainingRunRegion>("/training/runs/{run_id}/cancel"),
        Door.Command<PauseTraining, TrainingRunRegion>("/training/runs/{run_id}/pause"),
        Door.Command<ResumeTraining, TrainingRunRegion>("/training/runs/{run_id}/resume"),
        Door.Query<GetTrainingRun, TrainingRunReply, TrainingRunRegion>("/training/runs/{run_id}"),
        // Hyper-parameter searches
        Door.Command<StartStudy, StudyRegion>("/training/studies"),
        Door.List<ListStudies, StudiesReply, StudyListKey>("/training/studies"),
        Door.Command<CancelStudy, StudyRegion>("/training/studies/{study_id}/cancel"),
        Door.Command<ResumeStudy, StudyRegion>("/training/studies/{study_id}/resume"),
        Door.Query<GetStudy, StudyReply, StudyRegion>("/training/studies/{study_id}"),
        Door.Query<GetTrials, TrialsReply, StudyRegion>("/training/studies/{study_id}/trials"),
        Door.Query<GetStudyReport, StudyReportReply, StudyRegion>("/training/studies/{study_id}/report"),
        Door.Query<GetStudyReport, StudyReportReply, StudyRegion>("/training/studies/{study_id}/report.html") with
        {
            Rendering = new Rendering("Html", "text/html", StudyHtml.Write),
        },
        // Versions and their stages
        Door.Command<RegisterVersion, RegistryRegion>("/training/registry/{family}/versions"),
        Door.Command<SetStage, RegistryRegion>("/training/registry/{family}/stages"),
        Door.Command<ReleaseArtifact, RegistryRegion>("/training/registry/{family}/releases"),
        Door.Query<GetRegistry, RegistryReply, RegistryRegion>("/training/registry/{family}"),
        Door.Query<GetReadiness, ReadinessReply, RegistryRegion>(
            "/training/models/{family}/versions/{version_id}/readiness"
        ),
        Door.Exchange<SweepArtifacts, SweepReply, SweeperKey>("/training/artifacts/sweep") with
        {
            NeedsId = false,
        },
        // How good versions are
        Evaluation("", null),
        Evaluation(".html", new Rendering("Html", "text/html", EvaluationHtml.Write)),
        Door.Command<RequestEvaluation, EvaluatorKey>("/training/models/{family}/versions/{version_id}/evaluate"),
        Door.Query<GetEvaluations, EvaluationsReply, EvaluationRegion>("/training/models/{family}/evaluations"),
        Evaluation(".csv", new Rendering("Csv", "text/csv", EvaluationCsv.Write)),
        // Users
        Door.Command<UpdateProfile, UserRegion>("/training/users/{user_id}/profile"),
        Door.Command<RecordInteraction, UserRegion>("/training/users/{user_id}/interactions"),
        Door.Query<GetUser, UserReply, UserRegion>("/training/users/{user_id}"),
        Door.Query<GetAudience, AudienceReply, UserRegion>("/training/users/{user_id}/audience"),
        // Models updated online
        Door.Command<OpenLineage, LineageRegion>("/training/lineages") with
        {
            Defaults = OnlineDefaults.Fill,
        },
        Door.Exchange<CheckpointLineage, LineageReply, LineageRegion>("/training/lineages/{lineage_id}/checkpoints"),
        Door.Command<CloseLineage, LineageRegion>("/training/lineages/{lineage_id}/close"),
        Door.Query<GetLineage, LineageReply, LineageRegion>("/training/lineages/{lineage_id}"),
        // Serving
        Door.Exchange<Score, ScoreReply, ScorerKey>("/training/score"),
        Door.Exchange<ExplainScore, ExplainReply, ScorerKey>("/training/scores/explain") with
        {
            NeedsId = false,
        },
        // Experiments
        Door.Command<CreateTest, AbTestRegion>("/training/ab-testing"),
        Door.List<ListTests, TestsReply, CatalogueKey>("/training/ab-testing"),
        Door.List<ListChanges, ChangesReply, CatalogueKey>("/training/ab-testing-changes"),
        Door.Exchange<RebuildCatalogue, CatalogueReply, CatalogueKey>("/training/ab-testing-changes/rebuild") with
        {
            NeedsId = false,
        },
        Door.Command<Simulate, AbSimulationRegion>("/training/ab-testing-simulations"),
        Door.Query<GetSimulation, SimulationReply, AbSimulationRegion>(
            "/training/ab-testing-simulations/{simulation_id}"
        ),
        Door.Command<CloneTest, AbTestRegion>("/training/ab-testing/{test_id}/clone"),
        Door.Command<EditTest, AbTestRegion>("/training/ab-testing/{test_id}/edit"),
        Door.Command<ScheduleTest, AbTestRegion>("/training/ab-testing/{test_id}/schedule"),
        Door.Command<StartTest, AbTestRegion>("/training/ab-testing/{test_id}/start"),
        Door.Command<RampTest, AbTestRegion>("/training/ab-testing/{test_id}/ramp"),
        Door.Command<PauseTest, AbTestRegion>("/training/ab-testing/{test_id}/pause"),
        Door.Command<StopTest, AbTestRegion>("/training/ab-testing/{test_id}/stop"),
        Door.Command<PromoteWinner, AbTestRegion>("/training/ab-testing/{test_id}/promote"),
        Door.Command<RollBackTest, AbTestRegion>("/training/ab-testing/{test_id}/rollback"),
        Door.Command<ArchiveTest, AbTestRegion>("/training/ab-testing/{test_id}/archive"),
        Door.Query<GetTest, TestReply, AbTestRegion>("/training/ab-testing/{test_id}"),
        Door.Query<GetReport, ReportReply, AbTestRegion>("/training/ab-testing/{test_id}/report"),
        Door.Query<GetReport, ReportReply, AbTestRegion>("/training/ab-testing/{test_id}/report.html") with
        {
            Rendering = new Rendering("Html", "text/html", HtmlReport.Write),
        },
        Door.Query<GetReport, ReportReply, AbTestRegion>("/training/ab-testing/{test_id}/report.csv") with
        {
            Rendering = new Rendering("Csv", "text/csv", CsvReport.Write),
        },
        Door.Exchange<AssignUnit, AssignUnitReply, AbTestRegion>("/training/ab-testing/{test_id}/assignments"),
        Door.Query<GetVerdict, VerdictReply, AbTestRegion>("/training/ab-testing/{test_id}/verdict"),
        Door.Command<RecordExposure, EvidenceKey>("/training/ab-testing/{test_id}/exposures"),
        Door.Command<RecordOutcome, EvidenceKey>("/training/ab-testing/{test_id}/outcomes"),
        Door.Query<GetCell, CellReply, AbCellRegion>("/training/ab-testing/{test_id}/cells/{cell}"),
        // Units of a family, shared out among its experiments
        Door.Command<SetHoldout, AbTrafficRegion>("/training/ab-testing-holdouts/{family}"),
        Door.Query<GetHoldout, HoldoutReply, AbTrafficRegion>("/training/ab-testing-holdouts/{family}"),
        Door.Query<GetLayer, LayerReply, AbTrafficRegion>("/training/ab-testing-layers/{family}/{layer}"),
        // Monitoring
        Door.Command<MetricsSampled, CollectorRegion>("/training/monitor/{source_id}/samples"),
        Door.Command<SetRules, CollectorRegion>("/training/monitor/{source_id}/rules"),
        Door.Command<SilenceAlert, CollectorRegion>("/training/monitor/{source_id}/silences"),
        Door.Query<GetAlerts, AlertsReply, CollectorRegion>("/training/monitor/{source_id}/alerts"),
        Door.Query<GetSeries, SeriesReply, CollectorRegion>("/training/monitor/{source_id}/series"),
        // Entities whose journal cannot be read
        Door.List<ListUnreadable, UnreadableReply, UnreadableKey>("/training/health/unreadable"),
    ];

    private static Door Evaluation(string form, Rendering? rendering) =>
        Door.List<GetEvaluation, EvaluationReply, EvaluatorKey>(
            $"/training/models/{{family}}/versions/{{version_id}}/evaluation{form}"
        ) with
        {
            NeedsId = true,
            Rendering = rendering,
        };
}
