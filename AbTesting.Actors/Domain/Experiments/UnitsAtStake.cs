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
    public static TrafficClaim? Of(ExperimentState test, Decision decision) =>
        decision.Events.Select(e => Of(test, e)).LastOrDefault(claim => claim is not null);

    /// <summary>
    /// From when it is scheduled until nobody is shown anything by it: its end, or that of its promotion by steps, whose
    /// rollout has the same units.
    /// </summary>
    public static bool Needs(ExperimentState test) =>
        test.IsCollecting
        || test.Stage == ExperimentStatus.Scheduled
        || PromotionSteps.At(test) != PromotionStep.Unspecified;

    /// <summary>What it has, whoever knows of it.</summary>
    public static TrafficClaim Now(ExperimentState test) => Of(test, test.Definition!, begun: true);

    /// <summary>The decision, with the family's holdout where a test begins.</summary>
    public static Decision Given(Decision decision, ClaimReply given)
    {
        foreach (var started in decision.Events.OfType<ExperimentStarted>().Where(s => s.Phase == 1))
        {
            started.Holdout = given.Holdout;
        }

        return decision;
    }

    private static TrafficClaim? Of(ExperimentState test, IEvent e) =>
        e switch
        {
            ExperimentScheduled => Of(test, test.Definition!, begun: false),
            ExperimentStarted when test.Stage is ExperimentStatus.Draft or ExperimentStatus.Scheduled => Now(test),
            ExperimentEdited edited when test.Stage == ExperimentStatus.Scheduled && !Same(test, edited.Definition) =>
                Of(test, edited.Definition, begun: false),
            // It may have ended long ago, and others may have its units now.
            PromotionRequested { RollBack: false } when test.Stage == ExperimentStatus.Decided && Promotes(test) => Now(
                test
            ),
            _ => null,
        };

    private static bool Promotes(ExperimentState test) => test.Definition!.Promotion is not null;

    private static bool Same(ExperimentState test, ExperimentDefinition then) =>
        then.Family == test.Definition!.Family
        && Of(test, then, begun: false).Equals(Of(test, test.Definition, begun: false));

    private static TrafficClaim Of(ExperimentState test, ExperimentDefinition d, bool begun) =>
        new()
        {
            ExperimentId = test.ExperimentId,
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
            Holdout = begun ? test.HeldOut : 0,
            Begun = begun,
            RolloutOf = test.RolloutOf,
        };
}
