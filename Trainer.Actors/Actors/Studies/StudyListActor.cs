using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Lists studies from their tagged events. It follows nothing: whoever asks pays for reading what is new since the last
/// question. It keeps nothing of its own; a restart reads the journal again.
/// </summary>
public sealed class StudyListActor : ReceiveActor
{
    private readonly IMaterializer _streams = Context.Materializer();
    private StudyList _list = StudyList.Empty;

    public StudyListActor() => ReceiveAsync<ListStudies>(async asked => Sender.Tell(await Answer(asked)));

    private async Task<StudiesReply> Answer(ListStudies asked)
    {
        try
        {
            _list = await FollowedEvents
                .Since(Context.System, RegionNames.Study, _list.Offset)
                .RunAggregate(_list, Absorb, _streams);
            return _list.Find(asked);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var decision = Decision.Reject(RejectionCode.Overloaded, "journal", "", $"cannot be read now: {e.Message}");
            return new StudiesReply { Rejection = decision.Rejection };
        }
    }

    private static StudyList Absorb(StudyList list, FollowedEvent e) =>
        list.Apply(e.EntityId, (IStudyStep)e.Event, e.SequenceNr, e.Offset);
}
