using Akka.Actor;
using Akka.Streams;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>A test as it was: its journal up to an event, applied once more.</summary>
internal static class Past
{
    public static Task<TestState> Of(ActorSystem system, string persistenceId, string testId, long sequenceNr) =>
        JournaledEvents
            .Of(system, persistenceId, sequenceNr)
            .RunAggregate(TestState.Empty(testId), (test, e) => test.Apply(e), system.Materializer());

    /// <summary>The whole story, up to an event.</summary>
    public static async Task<ReportReply> Story(ActorSystem system, TestState now, string persistenceId, int points)
    {
        var timeline = new Timeline(now.SequenceNr, points);
        var test = await JournaledEvents
            .Of(system, persistenceId, now.SequenceNr)
            .RunAggregate(
                TestState.Empty(now.TestId),
                (test, e) =>
                {
                    var next = test.Apply(e);
                    if (e is CellReported)
                    {
                        timeline.Look(next, e.Header?.At, isLast: next.SequenceNr == now.SequenceNr);
                    }

                    return next;
                },
                system.Materializer()
            );
        return new ReportReply
        {
            Test = (TestReply)test.Answer(new GetTest { TestId = now.TestId }),
            Timeline = { timeline.Moments },
            Phases = { Timeline.Phases(test) },
            Segments = { SegmentReport.Of(test) },
        };
    }

    public static Rejection? Unread(Exception cause) =>
        Decision.Reject(RejectionCode.Overloaded, "journal", "", $"cannot be read now: {cause.Message}").Rejection;
}
