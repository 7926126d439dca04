using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// From verdict to champion, outside the actor: does what the present step needs and comes back with what the test is to
/// be told. It is begun again until that step is over; every command has an id made from the test's, so that a promotion
/// begun again after a crash repeats itself and changes nothing twice.
/// </summary>
internal static class Promotion
{
    public static Task<ICommand> Run(ExperimentState test, IReadOnlyActorRegistry regions)
    {
        var registrar = new RegistryClient(test, regions);
        return PromotionSteps.At(test) == PromotionStep.Unspecified
            ? AtOnce(registrar, test)
            : new StepwisePromotion(test, registrar, regions).Run();
    }

    /// <summary>What a step has shown, as a command to the test itself.</summary>
    public static TakePromotionStep Step(ExperimentState test, TakePromotionStep shown)
    {
        var step = PromotionSteps.At(test);
        shown.Header = Header(test, step.ToString().ToLowerInvariant());
        (shown.ExperimentId, shown.Step) = (test.ExperimentId, step);
        return shown;
    }

    public static TakePromotionStep OfRollout(string parent, RolloutEvidence evidence) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"{parent}:promote:rollout", CorrelationId = parent },
            ExperimentId = parent,
            Step = PromotionStep.Rollout,
            Rollout = evidence,
        };

    public static CommandHeader Header(ExperimentState test, string step) =>
        new()
        {
            CommandId = $"{test.ExperimentId}:{(test.Promotion!.RollBack ? "rollback" : "promote")}:{step}",
            CorrelationId = test.ExperimentId,
        };

    public static CompletePromotion Completion(ExperimentState test, string versionId) =>
        new()
        {
            Header = Header(test, "complete"),
            ExperimentId = test.ExperimentId,
            VersionId = versionId,
            Step = PromotionSteps.At(test),
        };

    private static async Task<ICommand> AtOnce(RegistryClient registrar, ExperimentState test)
    {
        await registrar.Register();
        await registrar.Set("champion", test.Promotion!.VersionId, Stage.Champion, test.Verdict!.Recommendation);
        return Completion(test, test.Promotion.VersionId);
    }

    /// <param name="Then">What the test is to be told.</param>
    internal sealed record Done(ICommand Then);

    internal sealed record Failed(Exception Cause);
}
