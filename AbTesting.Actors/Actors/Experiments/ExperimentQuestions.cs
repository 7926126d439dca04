using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// Answers what an experiment's state alone does not know: its past, from the journal and beside the entity, which goes on
/// meanwhile; what its rollout says; and which others have its salt.
/// </summary>
/// <param name="patience">How long the rollout is waited for.</param>
internal sealed class ExperimentQuestions(
    ActorSystem system,
    string persistenceId,
    IReadOnlyActorRegistry regions,
    TimeSpan patience,
    IActorRef self
)
{
    private const int DefaultPoints = 200;
    private static readonly TimeSpan CataloguePatience = TimeSpan.FromSeconds(1);

    /// <summary>As it was after an earlier event.</summary>
    public void Verdict(ExperimentState experiment, GetVerdict asked, IActorRef to) =>
        _ = ExperimentReplay
            .Of(system, persistenceId, experiment.ExperimentId, asked.SequenceNr)
            .PipeTo(
                to,
                self,
                success: then => then.Answer(asked),
                failure: cause => new VerdictReply
                {
                    ExperimentId = experiment.ExperimentId,
                    Rejection = ExperimentReplay.Unread(cause),
                }
            );

    /// <summary>The whole story.</summary>
    public void Report(ExperimentState experiment, GetReport asked, IActorRef to)
    {
        if (asked.Points is not (0 or (>= 2 and <= 1000)))
        {
            to.Tell(new ReportReply { Rejection = Rejections.Invalid("points", asked.Points, "must be 2 to 1,000") });
            return;
        }

        _ = ExperimentReplay
            .Story(system, experiment, persistenceId, asked.Points == 0 ? DefaultPoints : asked.Points)
            .PipeTo(to, self, failure: cause => new ReportReply { Rejection = ExperimentReplay.Unread(cause) });
    }

    /// <summary>Who names this test takes part in its rollout; nobody does before that one is there.</summary>
    /// <param name="here">What the test itself would say.</param>
    public void Rollout(AssignUnit asked, AssignUnitReply here, IActorRef to)
    {
        var there = asked.Clone();
        there.ExperimentId = Rollouts.IdOf(asked.ExperimentId);
        _ = regions
            .Get<AbTestRegion>()
            .AskFor<AssignUnitReply>(there, patience)
            .PipeTo(to, self, success: answer => answer is Answer<AssignUnitReply>.Given given ? given.Reply : here);
    }

    /// <summary>The catalogue knows all tests, a moment late; without it the answer is as good as it was.</summary>
    public void Warnings(ExperimentState experiment, ExperimentReply answer, IActorRef catalogue, IActorRef to) =>
        _ = catalogue
            .AskFor<ExperimentsReply>(SharedSalt.Question(experiment), CataloguePatience)
            .PipeTo(
                to,
                self,
                success: alike =>
                    alike is Answer<ExperimentsReply>.Given given ? SharedSalt.Warn(answer, given.Reply) : answer
            );
}
