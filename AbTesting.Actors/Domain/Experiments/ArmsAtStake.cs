using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>A model that a decision would show to people, and where the definition names it.</summary>
internal sealed record ArmAtStake(string Field, Arm Arm);

/// <summary>
/// Which arms must have their model before a decision may be written. Nothing is asked of what takes something back: a
/// pause, a stop and a roll-back always go.
/// </summary>
internal static class ArmsAtStake
{
    public static ImmutableArray<ArmAtStake> Of(ExperimentState experiment, Decision decision) =>
        [.. decision.Events.SelectMany(e => Of(experiment, e))];

    private static IEnumerable<ArmAtStake> Of(ExperimentState experiment, IEvent e) =>
        e switch
        {
            ExperimentCreated created => All(created.Definition),
            ExperimentEdited edited when !SameModels(experiment.Definition!, edited.Definition) => All(
                edited.Definition
            ),
            ExperimentScheduled or ExperimentStarted => All(experiment.Definition!),
            PromotionRequested { RollBack: false } promotion => All(experiment.Definition!)
                .Where(a => a.Arm.Name == promotion.Arm),
            _ => [],
        };

    private static bool SameModels(ExperimentDefinition now, ExperimentDefinition then) =>
        now.Family == then.Family && now.Arms.Equals(then.Arms);

    private static IEnumerable<ArmAtStake> All(ExperimentDefinition d) =>
        d.Arms.Select((arm, i) => new ArmAtStake($"definition.arms[{i}]", arm));
}
