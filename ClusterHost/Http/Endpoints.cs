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
public static class Endpoints
{
    public static readonly ImmutableArray<RestEndpoint> All =
    [
        // Offline runs
        RestEndpoint.Command<StartTraining, TrainingRunRegion>("/training/runs"),
        RestEndpoint.Command<CancelTraining, TrainingRunRegion>("/training/runs/{run_id}/cancel"),
        RestEndpoint.Command<PauseTraining, TrainingRunRegion>("/training/runs/{run_id}/pause"),
        RestEndpoint.Command<ResumeTraining, TrainingRunRegion>("/training/runs/{run_id}/resume"),
        RestEndpoint.Query<GetTrainingRun, TrainingRunReply, TrainingRunRegion>("/training/runs/{run_id}"),
        // Hyper-parameter searches
        RestEndpoint.Command<StartStudy, StudyRegion>("/training/studies"),
        RestEndpoint.List<ListStudies, StudiesReply, StudyListKey>("/training/studies"),
        RestEndpoint.Command<CancelStudy, StudyRegion>("/training/studies/{study_id}/cancel"),
        RestEndpoint.Command<ResumeStudy, StudyRegion>("/training/studies/{study_id}/resume"),
        RestEndpoint.Query<GetStudy, StudyReply, StudyRegion>("/training/studies/{study_id}"),
        RestEndpoint.Query<GetTrials, TrialsReply, StudyRegion>("/training/studies/{study_id}/trials"),
        RestEndpoint.Query<GetStudyReport, StudyReportReply, StudyRegion>("/training/studies/{study_id}/report"),
        RestEndpoint.Query<GetStudyReport, StudyReportReply, StudyRegion>(
            "/training/studies/{study_id}/report.html"
        ) with
        {
            Rendering = new Rendering("Html", "text/html", StudyHtml.Write),
        },
        // Versions and their stages
        RestEndpoint.Command<RegisterVersion, RegistryRegion>("/training/registry/{family}/versions"),
        RestEndpoint.Command<SetStage, RegistryRegion>("/training/registry/{family}/stages"),
        RestEndpoint.Command<ReleaseArtifact, RegistryRegion>("/training/registry/{family}/releases"),
        RestEndpoint.Query<GetRegistry, RegistryReply, RegistryRegion>("/training/registry/{family}"),
        RestEndpoint.Query<GetReadiness, ReadinessReply, RegistryRegion>(
            "/training/models/{family}/versions/{version_id}/readiness"
        ),
        RestEndpoint.Exchange<SweepArtifacts, SweepReply, SweeperKey>("/training/artifacts/sweep") with
        {
            NeedsId = false,
        },
        // How good versions are
        Evaluation("", null),
        Evaluation(".html", new Rendering("Html", "text/html", EvaluationHtml.Write)),
        RestEndpoint.Command<RequestEvaluation, EvaluatorKey>(
            "/training/models/{family}/versions/{version_id}/evaluate"
        ),
        RestEndpoint.Query<GetEvaluations, EvaluationsReply, EvaluationRegion>("/training/models/{family}/evaluations"),
        Evaluation(".csv", new Rendering("Csv", "text/csv", EvaluationCsv.Write)),
        // Users
        RestEndpoint.Command<UpdateProfile, UserRegion>("/training/users/{user_id}/profile"),
        RestEndpoint.Command<RecordInteraction, UserRegion>("/training/users/{user_id}/interactions"),
        RestEndpoint.Command<RecordInteraction, UserRegion>("/training/interactions") with
        {
            IsBulk = true,
        },
        RestEndpoint.Command<RecordDecision, UserRegion>("/training/users/{user_id}/decisions"),
        RestEndpoint.Query<GetUser, UserReply, UserRegion>("/training/users/{user_id}"),
        RestEndpoint.Query<GetAudience, AudienceReply, UserRegion>("/training/users/{user_id}/audience"),
        // Models updated online
        RestEndpoint.Command<OpenLineage, LineageRegion>("/training/lineages") with
        {
            Defaults = OnlineDefaults.Fill,
        },
        RestEndpoint.Exchange<CheckpointLineage, LineageReply, LineageRegion>(
            "/training/lineages/{lineage_id}/checkpoints"
        ),
        RestEndpoint.Command<TuneLineage, LineageRegion>("/training/lineages/{lineage_id}/settings"),
        RestEndpoint.Command<RollBackLineage, LineageRegion>("/training/lineages/{lineage_id}/roll-back"),
        RestEndpoint.Command<CloseLineage, LineageRegion>("/training/lineages/{lineage_id}/close"),
        RestEndpoint.Query<GetLineage, LineageReply, LineageRegion>("/training/lineages/{lineage_id}"),
        // Models trained anew on what a lineage has seen
        RestEndpoint.Command<OpenRetraining, RetrainingRegion>("/training/retrainings"),
        RestEndpoint.Command<CancelRetraining, RetrainingRegion>("/training/retrainings/{retraining_id}/cancel"),
        RestEndpoint.Query<GetRetraining, RetrainingReply, RetrainingRegion>("/training/retrainings/{retraining_id}"),
        // Serving
        RestEndpoint.Exchange<Score, ScoreReply, ScorerKey>("/training/score"),
        RestEndpoint.Exchange<ExplainScore, ExplainReply, ScorerKey>("/training/scores/explain") with
        {
            NeedsId = false,
        },
        // Experiments
        RestEndpoint.Command<CreateExperiment, AbTestRegion>("/training/ab-testing"),
        RestEndpoint.List<ListExperiments, ExperimentsReply, CatalogueKey>("/training/ab-testing"),
        RestEndpoint.List<ListChanges, ChangesReply, CatalogueKey>("/training/ab-testing-changes"),
        RestEndpoint.Exchange<RebuildCatalogue, CatalogueReply, CatalogueKey>(
            "/training/ab-testing-changes/rebuild"
        ) with
        {
            NeedsId = false,
        },
        RestEndpoint.Command<Simulate, AbSimulationRegion>("/training/ab-testing-simulations"),
        RestEndpoint.Query<GetSimulation, SimulationReply, AbSimulationRegion>(
            "/training/ab-testing-simulations/{simulation_id}"
        ),
        RestEndpoint.Command<CloneExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/clone"),
        RestEndpoint.Command<EditExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/edit"),
        RestEndpoint.Command<ScheduleExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/schedule"),
        RestEndpoint.Command<StartExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/start"),
        RestEndpoint.Command<RampExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/ramp"),
        RestEndpoint.Command<PauseExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/pause"),
        RestEndpoint.Command<StopExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/stop"),
        RestEndpoint.Command<PromoteWinner, AbTestRegion>("/training/ab-testing/{experiment_id}/promote"),
        RestEndpoint.Command<RollBackExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/rollback"),
        RestEndpoint.Command<ArchiveExperiment, AbTestRegion>("/training/ab-testing/{experiment_id}/archive"),
        RestEndpoint.Query<GetExperiment, ExperimentReply, AbTestRegion>("/training/ab-testing/{experiment_id}"),
        RestEndpoint.Query<GetReport, ReportReply, AbTestRegion>("/training/ab-testing/{experiment_id}/report"),
        RestEndpoint.Query<GetReport, ReportReply, AbTestRegion>(
            "/training/ab-testing/{experiment_id}/report.html"
        ) with
        {
            Rendering = new Rendering("Html", "text/html", HtmlReport.Write),
        },
        RestEndpoint.Query<GetReport, ReportReply, AbTestRegion>("/training/ab-testing/{experiment_id}/report.csv") with
        {
            Rendering = new Rendering("Csv", "text/csv", CsvReport.Write),
        },
        RestEndpoint.Exchange<AssignUnit, AssignUnitReply, AbTestRegion>(
            "/training/ab-testing/{experiment_id}/assignments"
        ),
        RestEndpoint.Query<GetVerdict, VerdictReply, AbTestRegion>("/training/ab-testing/{experiment_id}/verdict"),
        RestEndpoint.Command<RecordExposure, EvidenceKey>("/training/ab-testing/{experiment_id}/exposures"),
        RestEndpoint.Command<RecordOutcome, EvidenceKey>("/training/ab-testing/{experiment_id}/outcomes"),
        RestEndpoint.Command<RecordExposure, EvidenceKey>("/training/exposures") with
        {
            IsBulk = true,
        },
        RestEndpoint.Command<RecordOutcome, EvidenceKey>("/training/outcomes") with
        {
            IsBulk = true,
        },
        RestEndpoint.Query<GetCell, CellReply, AbCellRegion>("/training/ab-testing/{experiment_id}/cells/{cell}"),
        // Units of a family, shared out among its experiments
        RestEndpoint.Command<SetHoldout, AbTrafficRegion>("/training/ab-testing-holdouts/{family}"),
        RestEndpoint.Query<GetHoldout, HoldoutReply, AbTrafficRegion>("/training/ab-testing-holdouts/{family}"),
        RestEndpoint.Query<GetLayer, LayerReply, AbTrafficRegion>("/training/ab-testing-layers/{family}/{layer}"),
        // Monitoring
        RestEndpoint.Command<RecordMetrics, CollectorRegion>("/training/monitor/{source_id}/samples"),
        RestEndpoint.Command<RecordMetrics, CollectorRegion>("/training/samples") with
        {
            IsBulk = true,
        },
        RestEndpoint.Command<SetRules, CollectorRegion>("/training/monitor/{source_id}/rules"),
        RestEndpoint.Command<SilenceAlert, CollectorRegion>("/training/monitor/{source_id}/silences"),
        RestEndpoint.Command<LiftSilence, CollectorRegion>("/training/monitor/{source_id}/silences/{rule_id}/lift"),
        RestEndpoint.Command<AcknowledgeAlert, CollectorRegion>(
            "/training/monitor/{source_id}/alerts/{rule_id}/acknowledge"
        ),
        RestEndpoint.Command<TestNotifications, CollectorRegion>("/training/monitor/{source_id}/notifications/test"),
        RestEndpoint.Query<GetSilences, SilencesReply, CollectorRegion>("/training/monitor/{source_id}/silences"),
        RestEndpoint.Query<GetAlerts, AlertsReply, CollectorRegion>("/training/monitor/{source_id}/alerts"),
        RestEndpoint.Query<GetSeries, SeriesReply, CollectorRegion>("/training/monitor/{source_id}/series"),
        RestEndpoint.Query<GetManySeries, ManySeriesReply, CollectorRegion>(
            "/training/monitor/{source_id}/many-series"
        ),
        // Entities whose journal cannot be read
        RestEndpoint.List<ListUnreadable, UnreadableReply, UnreadableKey>("/training/health/unreadable"),
    ];

    private static RestEndpoint Evaluation(string form, Rendering? rendering) =>
        RestEndpoint.List<GetEvaluation, EvaluationReply, EvaluatorKey>(
            $"/training/models/{{family}}/versions/{{version_id}}/evaluation{form}"
        ) with
        {
            NeedsId = true,
            Rendering = rendering,
        };
}
