using Google.Protobuf.Reflection;
using RalmActors.ClusterHost.Http;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>
/// A number that was left out is not a zero. Whatever number a sender writes has presence (<c>optional</c>), and is asked for
/// where it is needed; those without are listed here by what makes their zero harmless.
/// </summary>
public class PresenceSpecs
{
    private static readonly string[] Listed =
    [
        // Zero, or left out, is the default that its comment names.
        "ralm.abtesting.v1.GetReport.points",
        "ralm.abtesting.v1.GetVerdict.alpha",
        "ralm.abtesting.v1.ListChanges.page_size",
        "ralm.abtesting.v1.ListExperiments.page_size",
        "ralm.abtesting.v1.PromotionPlan.hold_back",
        "ralm.abtesting.v1.PromotionPlan.shadow_requests",
        "ralm.abtesting.v1.PromotionPlan.shadow_seconds",
        "ralm.abtesting.v1.PromotionPlan.shadow_slowdown",
        "ralm.abtesting.v1.PromotionPlan.step_seconds",
        "ralm.abtesting.v1.RampExperiment.exposure",
        "ralm.abtesting.v1.SimulationDesign.alpha",
        "ralm.abtesting.v1.SimulationDesign.look_every",
        "ralm.abtesting.v1.SimulationDesign.runs",
        "ralm.abtesting.v1.SimulationDesign.units",
        "ralm.abtesting.v1.ExperimentDefinition.alpha",
        "ralm.abtesting.v1.ExperimentDefinition.cells",
        "ralm.abtesting.v1.ExperimentDefinition.looks",
        "ralm.abtesting.v1.ExperimentDefinition.min_units_per_arm",
        "ralm.abtesting.v1.ExperimentDefinition.plausible_effect",
        "ralm.abtesting.v1.ExperimentDefinition.power",
        "ralm.abtesting.v1.ExperimentDefinition.step_seconds",
        "ralm.abtesting.v1.ExperimentDefinition.tuned_for",
        "ralm.serving.v1.ExplainScore.top_seeds",
        "ralm.training.v1.ContinuousRange.grid_points",
        "ralm.training.v1.GetTrials.count",
        "ralm.training.v1.GetTrials.from",
        "ralm.training.v1.IntegerRange.step",
        "ralm.training.v1.ListStudies.page_size",
        "ralm.training.v1.LearningRateSchedule.decay",
        "ralm.training.v1.LearningRateSchedule.decay_every",
        "ralm.training.v1.ModelConfig.dropout",
        "ralm.training.v1.ModelConfig.heads",
        "ralm.training.v1.ModelConfig.hidden_dim",
        "ralm.training.v1.ModelConfig.seed_prior",
        "ralm.training.v1.ModelConfig.seed_clusters",
        "ralm.training.v1.ModelConfig.tower_dim",
        "ralm.training.v1.OpenLineage.batch_size",
        "ralm.training.v1.OpenLineage.checkpoint_every",
        "ralm.training.v1.OptimizerConfig.learning_rate",
        "ralm.training.v1.OptimizerConfig.weight_decay",
        "ralm.training.v1.PruningConfig.eta",
        "ralm.training.v1.PruningConfig.min_epochs",
        "ralm.training.v1.PruningConfig.startup_trials",
        "ralm.training.v1.StudyDefinition.max_parallel",
        "ralm.training.v1.StudyDefinition.random_seed",
        "ralm.training.v1.StudyDefinition.trials",
        "ralm.training.v1.SweepArtifacts.grace_s",
        "ralm.training.v1.TpeConfig.candidates",
        "ralm.training.v1.TpeConfig.gamma",
        "ralm.training.v1.TpeConfig.lag",
        "ralm.training.v1.TpeConfig.startup_trials",
        "ralm.training.v1.TrainingConfig.batch_size",
        "ralm.training.v1.TrainingConfig.max_epochs",
        "ralm.training.v1.TrainingConfig.min_delta",
        "ralm.training.v1.TrainingConfig.negatives",
        "ralm.training.v1.TrainingConfig.patience",
        "ralm.training.v1.TrainingConfig.positive_weight",
        "ralm.training.v1.TrainingConfig.representation_epochs",
        "ralm.training.v1.TrainingConfig.random_seed",
        "ralm.training.v1.TrainingConfig.workers",
        // Zero, or left out, is none: no limit, no share, nothing known, from the beginning, now.
        "ralm.abtesting.v1.GetVerdict.sequence_nr",
        "ralm.abtesting.v1.Guardrail.margin",
        "ralm.abtesting.v1.Guardrail.relative_margin",
        "ralm.abtesting.v1.Metric.delay_seconds",
        "ralm.abtesting.v1.Metric.from_seconds",
        "ralm.abtesting.v1.Metric.window_seconds",
        "ralm.abtesting.v1.PromotionPlan.shadow_failures",
        "ralm.abtesting.v1.SimulationDesign.effect",
        "ralm.abtesting.v1.SimulationDesign.seed",
        "ralm.abtesting.v1.ExperimentDefinition.expected_effect",
        "ralm.abtesting.v1.ExperimentDefinition.holdout",
        "ralm.abtesting.v1.ExperimentDefinition.max_seconds",
        "ralm.abtesting.v1.ExperimentDefinition.min_seconds",
        "ralm.learning.v1.GetAudience.known_version",
        "ralm.monitoring.v1.GetManySeries.step_seconds",
        "ralm.monitoring.v1.GetSeries.step_seconds",
        "ralm.monitoring.v1.GetSeriesOfSources.step_seconds",
        "ralm.monitoring.v1.ThresholdRule.for_seconds",
        "ralm.training.v1.LearningRateSchedule.floor",
        "ralm.training.v1.LearningRateSchedule.warmup",
        "ralm.training.v1.OptimizerConfig.clip_norm",
        "ralm.training.v1.TrainingConfig.average_every",
        // Zero is refused where the number is needed, and so is one left out.
        "ralm.abtesting.v1.Layer.to",
        "ralm.abtesting.v1.ExperimentDefinition.horizon_units",
        // Told for people: no decision rests on it.
        "ralm.training.v1.ArtifactRef.bytes",
        "ralm.training.v1.EvaluationRef.bytes",
        "ralm.training.v1.Metric.value",
        // Left out, it is computed; what is sent is held against that.
        "ralm.abtesting.v1.RecordExposure.phase",
        // A part of the address: it is always there.
        "ralm.abtesting.v1.GetCell.cell",
    ];

    /// <summary>No sender from outside writes them; who does writes every number.</summary>
    private static readonly string[] OfTheHouse =
    [
        "ralm.abtesting.v1.ClaimTraffic",
        "ralm.abtesting.v1.ConfigureCell",
        "ralm.abtesting.v1.FinishSimulation",
        "ralm.abtesting.v1.ReportCell",
        "ralm.abtesting.v1.RunningExperiment",
        "ralm.abtesting.v1.TakePromotionStep",
        "ralm.entities.v1.CommandDigest",
        "ralm.learning.v1.AddSeed",
        "ralm.learning.v1.AddSeeds",
        "ralm.learning.v1.DeliveryAcknowledged",
        "ralm.monitoring.v1.TellAlert",
        "ralm.training.v1.LearningPoint",
        "ralm.training.v1.OfferSlice",
    ];

    public static TheoryData<string> Requests =>
        [
            .. WireTypes
                .All.Where(d => d.ClrType.IsAssignableTo(typeof(ICommand)))
                .Concat(Endpoints.All.Select(d => d.Request))
                .Select(d => d.FullName)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_number_of_a_request_has_presence_or_a_harmless_zero(string manifest) =>
        Assert.Equal(
            [],
            Numbers(manifest).Where(f => !f.HasPresence).Select(f => f.FullName).Except(Listed, StringComparer.Ordinal)
        );

    [Fact]
    public void The_list_names_only_what_is_there()
    {
        var numbers = Requests.SelectMany(r => Numbers(r.Data)).Where(f => !f.HasPresence).Select(f => f.FullName);

        Assert.Empty(Listed.Except(numbers));
    }

    private static IEnumerable<FieldDescriptor> Numbers(string manifest)
    {
        HashSet<MessageDescriptor> seen = [];
        Queue<MessageDescriptor> open = new([WireTypes.All.Single(d => d.FullName == manifest)]);
        while (open.TryDequeue(out var message))
        {
            if (
                !seen.Add(message)
                || OfTheHouse.Contains(message.FullName, StringComparer.Ordinal)
                || message.FullName.StartsWith("google.", StringComparison.Ordinal)
            )
            {
                continue;
            }

            foreach (var field in message.Fields.InDeclarationOrder())
            {
                if (field.FieldType == FieldType.Message)
                {
                    open.Enqueue(field.MessageType);
                }
                else if (IsNumber(field))
                {
                    yield return field;
                }
            }
        }
    }

    /// <summary>An element of a list is there or is not.</summary>
    private static bool IsNumber(FieldDescriptor field) =>
        !field.IsRepeated
        && field.FieldType
            is not (
                FieldType.Message
                or FieldType.String
                or FieldType.Bytes
                or FieldType.Bool
                or FieldType.Enum
                or FieldType.Group
            );
}
