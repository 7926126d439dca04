using Akka.Actor;
using Akka.Streams;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>A test as it was: its journal up to an event, applied once more.</summary>
internal static class ExperimentReplay
{
    public static Task<ExperimentState> Of(
        ActorSystem system,
        string persistenceId,
        string experimentId,
        long sequenceNr
    ) =>
        JournaledEvents
            .Of(system, persistenceId, sequenceNr)
            .RunAggregate(
                ExperimentState.Empty(experimentId),
                (experiment, e) => experiment.Apply(e),
                system.Materializer()
            );

    /// <summary>The whole story, up to an event.</summary>
    public static async Task<ReportReply> Story(
        ActorSystem system,
        ExperimentState now,
        string persistenceId,
        int points
    )
    {
        var timeline = new Timeline(now.SequenceNr, points);
        var experiment = await JournaledEvents
            .Of(system, persistenceId, now.SequenceNr)
            .RunAggregate(
                ExperimentState.Empty(now.ExperimentId),
                (experiment, e) =>
                {
                    var next = experiment.Apply(e);
                    if (e is CellReported)
                    {
                        timeline.InterimLook(next, e.Header?.At, isLast: next.SequenceNr == now.SequenceNr);
                    }

                    return next;
                },
                system.Materializer()
            );
        return new ReportReply
        {
            Test = (ExperimentReply)experiment.Answer(new GetExperiment { ExperimentId = now.ExperimentId }),
            Timeline = { timeline.Moments },
            Phases = { Timeline.Phases(experiment) },
            Segments = { SegmentReport.Of(experiment) },
        };
    }

    public static Rejection? Unread(Exception cause) =>
        Rejections.Of(RejectionCode.Overloaded, "journal", "", $"cannot be read now: {cause.Message}");
}
