using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// Which of its family's units a test must be given before a decision may be written, and until when it needs them. What
/// takes something back asks for nothing.
/// </summary>
internal static class UnitsAtStake
{
    /// <summary>Null: nothing that it does not have already.</summary>
    public static TrafficClaim? Of(ExperimentState experiment, Decision decision) =>
        decision.Events.Select(e => Of(experiment, e)).LastOrDefault(claim => claim is not null);

    /// <summary>
    /// From when it is scheduled until nobody is shown anything by it: its end, or that of its promotion by steps, whose
    /// rollout has the same units.
    /// </summary>
    public static bool Needs(ExperimentState experiment) =>
        experiment.IsCollecting
        || experiment.Stage == ExperimentStatus.Scheduled
        || PromotionSteps.At(experiment) != PromotionStep.Unspecified;

    /// <summary>What it has, whoever knows of it.</summary>
    public static TrafficClaim Now(ExperimentState experiment) => Of(experiment, experiment.Definition!, begun: true);

    /// <summary>The decision, with the family's holdout where a test begins.</summary>
    public static Decision Given(Decision decision, ClaimReply given)
    {
        foreach (var started in decision.Events.OfType<ExperimentStarted>().Where(s => s.Phase == 1))
        {
            started.Holdout = given.Holdout;
        }

        return decision;
    }

    private static TrafficClaim? Of(ExperimentState experiment, IEvent e) =>
        e switch
        {
            ExperimentScheduled => Of(experiment, experiment.Definition!, begun: false),
            ExperimentStarted when experiment.Stage is ExperimentStatus.Draft or ExperimentStatus.Scheduled => Now(
                experiment
            ),
            ExperimentEdited edited
                when experiment.Stage == ExperimentStatus.Scheduled && !Same(experiment, edited.Definition) => Of(
                experiment,
                edited.Definition,
                begun: false
            ),
            // It may have ended long ago, and others may have its units now.
            PromotionRequested { RollBack: false }
                when experiment.Stage == ExperimentStatus.Decided && Promotes(experiment) => Now(experiment),
            _ => null,
        };

    private static bool Promotes(ExperimentState experiment) => experiment.Definition!.Promotion is not null;

    private static bool Same(ExperimentState experiment, ExperimentDefinition then) =>
        then.Family == experiment.Definition!.Family
        && Of(experiment, then, begun: false).Equals(Of(experiment, experiment.Definition, begun: false));

    private static TrafficClaim Of(ExperimentState experiment, ExperimentDefinition d, bool begun) =>
        new()
        {
            ExperimentId = experiment.ExperimentId,
            Layer = d.Layer is { } layer
                ? new Layer
                {
                    Name = layer.Name,
                    From = layer.From,
                    To = layer.To,
                }
                : null,
            Growthbook = d.Layer is not null && d.Hashing is Hashing.Growthbook1 or Hashing.Growthbook2,
            StatedHoldout = d.Holdout,
            Holdout = begun ? experiment.HeldOut : 0,
            Begun = begun,
            RolloutOf = experiment.RolloutOf,
        };
}
