using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// One on every node: sends exposures and outcomes to their cells, which answer whoever asked. It keeps nothing but the tests
/// that announce themselves; one that it does not know is asked once for all that wait for it.
/// </summary>
public sealed class EvidenceRouterActor : ReceiveActor
{
    private const int MaxAsking = 10_000;

    private readonly IReadOnlyActorRegistry _registry;
    private readonly TimeSpan _deadline;
    private readonly KnownExperiments _tests = new();
    private readonly Dictionary<string, List<(Evidence Evidence, IActorRef From)>> _asking = new(
        StringComparer.Ordinal
    );
    private int _waiting;

    /// <param name="registry">Has the regions of <see cref="AbTestRegion"/> and <see cref="AbCellRegion"/>.</param>
    /// <param name="deadline">How long a test may take to answer.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    public EvidenceRouterActor(IReadOnlyActorRegistry registry, TimeSpan deadline, IActorRef topics)
    {
        _registry = registry;
        _deadline = deadline;
        topics.Tell(new Subscribe(Topics.RunningExperiments, Self));
        Receive<RecordExposure>(c => Take(Evidence.Of(c)));
        Receive<RecordOutcome>(c => Take(Evidence.Of(c)));
        Receive<RunningExperiment>(_tests.Learn);
        Receive<Answered>(Hear);
        Receive<SubscribeAck>(_ => { });
    }

    private void Take(Evidence evidence)
    {
        if (evidence.Check() is { } bad)
        {
            Refuse(evidence, bad, Sender);
        }
        else if (_tests.IsDoubtful(evidence))
        {
            Ask(evidence);
        }
        else
        {
            Send(evidence, Sender);
        }
    }

    private void Send(Evidence evidence, IActorRef from)
    {
        var (routed, rejection) = _tests.Route(evidence);
        if (routed is null)
        {
            Refuse(evidence, rejection!, from);
        }
        else
        {
            _registry.Get<AbCellRegion>().Tell(routed, from);
        }
    }

    private void Ask(Evidence evidence)
    {
        if (_waiting >= MaxAsking)
        {
            var full = Decision.Reject(
                RejectionCode.Overloaded,
                "experiment_id",
                evidence.ExperimentId,
                "is being asked for, and too many wait; repeat it with the same command id"
            );
            Refuse(evidence, full.Rejection!, Sender);
            return;
        }

        _waiting++;
        var experimentId = evidence.ExperimentId;
        if (_asking.TryGetValue(experimentId, out var others))
        {
            others.Add((evidence, Sender));
            return;
        }

        _asking[experimentId] = [(evidence, Sender)];
        _ = _registry
            .Get<AbTestRegion>()
            .AskFor<RunningExperiment>(new GetRunningExperiment { ExperimentId = experimentId }, _deadline)
            .PipeTo(Self, success: answer => new Answered(experimentId, answer));
    }

    private void Hear(Answered m)
    {
        if (m.Answer is Answer<RunningExperiment>.Given given)
        {
            _tests.Learn(given.Reply);
        }

        if (!_asking.Remove(m.ExperimentId, out var waited))
        {
            return;
        }

        _waiting -= waited.Count;
        foreach (var (evidence, from) in waited)
        {
            if (m.Answer is Answer<RunningExperiment>.Given or Answer<RunningExperiment>.NotFound)
            {
                Send(evidence, from);
            }
            else
            {
                from.Tell(new CommandReply { CommandId = IdOf(evidence), Outcome = CommandOutcome.Unavailable });
            }
        }
    }

    private static void Refuse(Evidence evidence, Rejection rejection, IActorRef from) =>
        from.Tell(
            new CommandReply
            {
                CommandId = IdOf(evidence),
                Outcome = CommandOutcome.Rejected,
                Rejection = rejection,
            }
        );

    private static string IdOf(Evidence evidence) => evidence.Command.Header?.CommandId ?? "";

    private sealed record Answered(string ExperimentId, Answer<RunningExperiment> Answer)
        : INoSerializationVerificationNeeded;
}
