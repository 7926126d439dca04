using Akka.Actor;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// The regions beside a run of a spec: messages find the newest run of their id, and the judge of the family. A new run
/// stands for a node that has started again: whoever judged is started again too, at its trainer.
/// </summary>
internal sealed class RunPost : ReceiveActor, IWithUnboundedStash
{
    private readonly Dictionary<string, IActorRef> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _judges = new(StringComparer.Ordinal);
    private IActorRef _trainer = ActorRefs.Nobody;

    public RunPost(Func<Type, ICanTell?> way)
    {
        Receive<Lives>(Begin);
        Receive<ITrainingRunMessage>(m => _runs[m.RunId].Forward(m));
        Receive<IEvaluationMessage>(m => JudgeOf(m.Family, way).Forward(m));
        ReceiveAny(m => _trainer.Forward(m));
    }

    public IStash Stash { get; set; } = null!;

    private void Begin(Lives run)
    {
        (_runs[run.RunId], _trainer) = (run.Actor, run.Trainer);
        if (_judges.Count == 0)
        {
            return;
        }

        // One journal has one writer: the next judge begins when the last has gone.
        foreach (var judge in _judges.Values)
        {
            Context.Watch(judge);
            Context.Stop(judge);
        }

        BecomeStacked(() =>
        {
            Receive<Terminated>(gone =>
            {
                foreach (var (family, _) in _judges.Where(j => j.Value.Equals(gone.ActorRef)).ToArray())
                {
                    _judges.Remove(family);
                }

                if (_judges.Count == 0)
                {
                    UnbecomeStacked();
                    Stash.UnstashAll();
                }
            });
            ReceiveAny(_ => Stash.Stash());
        });
    }

    private IActorRef JudgeOf(string family, Func<Type, ICanTell?> way)
    {
        if (!_judges.TryGetValue(family, out var judge))
        {
            var (trainer, options) = (
                Self,
                new EvaluationOptions { RetryAfter = TimeSpan.FromMilliseconds(50), MaxAttempts = 3 }
            );
            _judges[family] = judge = Context.ActorOf(
                Props.Create(() => new EvaluationQueueActor(family, options, TimeProvider.System, trainer, way))
            );
        }

        return judge;
    }

    public sealed record Lives(string RunId, IActorRef Actor, IActorRef Trainer) : INoSerializationVerificationNeeded;
}
