using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Ralm.Models.Artifacts;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Retrainings;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a retraining: makes the dataset, hands on what the state owes, and asks again and again how far the others are.
/// Whatever ends it, the next incarnation takes up the step it is at.
/// </summary>
public sealed class RetrainingActor : EntityActor<RetrainingState>
{
    private const int TestsAreAskedMoreSlowly = 10;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly RetrainingOptions _options;
    private readonly Func<Type, ICanTell?> _way;
    private readonly RowCollector _collector;
    private Action? _stopCollecting;
    private bool _isCollecting;
    private bool _isAsking;
    private int _turn;
    private int _failures;
    private long _wanted;
    private string _waitingFor = "";

    /// <param name="folder">For datasets; every trainer node sees it.</param>
    /// <param name="way">To the regions of lineages, runs, the registry and tests.</param>
    /// <param name="journal">All events of a persistence id.</param>
    public RetrainingActor(
        string retrainingId,
        RetrainingOptions options,
        TimeProvider clock,
        string folder,
        ArtifactStore store,
        Func<Type, ICanTell?> way,
        Func<string, Source<IEvent, NotUsed>> journal
    )
        : base(RegionNames.Retraining, retrainingId, options.Entity, clock)
    {
        (_options, _way) = (options, way);
        _collector = new RowCollector(folder, store, journal, Context.Materializer());
    }

    protected override void OnReady() => GoOn();

    protected override void OnChanged(RetrainingState before, ImmutableArray<IEvent> events)
    {
        if (before.Step != State.Step)
        {
            (_waitingFor, _failures) = ("", 0);
            Log.Info("{0}: {1} {2}", PersistenceId, State.Step, State.Ended?.Reason ?? "");
        }

        if (State.Ended is not null)
        {
            // Rows are not wanted any more.
            _stopCollecting?.Invoke();
        }

        GoOn();
    }

    protected override IWireMessage Answer(IQuery query)
    {
        var answer = base.Answer(query);
        if (answer is RetrainingReply { Step: not RetrainingStep.Ended } reply)
        {
            reply.WaitingFor = _waitingFor;
        }

        return answer;
    }

    protected override RetryPauses Pauses => RetryPauses.From(_options.RetryAfter);

    protected override ICanTell? Way(Type region) => _way(region);

    protected override void OnSettled(Settlement settled)
    {
        base.OnSettled(settled);
        if (settled is { Key: RetrainingState.Start, Refused: not null })
        {
            // Its units may be another test's for a while.
            _waitingFor = $"its test cannot begin: {settled.Reason}";
            Timers.After(
                RetrainingState.Start,
                NextPause(),
                () =>
                {
                    Outbox.End(RetrainingState.Start);
                    Outbox.Owe(Owed);
                }
            );
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Answered answered:
                _isAsking = false;
                Hear(answered);
                return true;
            case CollectedRows rows:
                _isCollecting = false;
                Hear(rows);
                return true;
            case Failed failed:
                _isCollecting = false;
                _waitingFor = failed.Reason;
                Log.Warning("{0}: its rows cannot be read: {1}", PersistenceId, failed.Reason);
                Timers.After(nameof(GoOn), NextPause(), GoOn);
                return true;
            case CommandReply:
                // Of an attempt given up.
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        _stopCollecting?.Invoke();
        base.PostStop();
    }

    /// <summary>Takes up what the state says is still to be done.</summary>
    private void GoOn()
    {
        if (State.Opened is null || State.IsOver)
        {
            LeaveMemory();
        }
        else if (State.Questions is { IsEmpty: false } questions && !_isAsking && !_isCollecting)
        {
            var (query, region) = questions[_turn++ % questions.Length];
            _isAsking = true;
            _ = Ask(query, region).PipeTo(Self, success: answer => new Answered(query, answer));
        }
    }

    private Task<Answer<IWireMessage>> Ask(IQuery query, Type region) =>
        _way(region) is { } way
            ? way.AskFor<IWireMessage>(query, Deadline)
            : Task.FromResult<Answer<IWireMessage>>(
                new Answer<IWireMessage>.Unavailable($"{region.Name} is not there yet")
            );

    private void Hear(Answered m)
    {
        if (!State.Questions.Any(q => q.Query.Equals(m.Query)))
        {
            // The step has changed meanwhile.
            GoOn();
            return;
        }

        IWireMessage? reply = m.Answer switch
        {
            Answer<IWireMessage>.Given given => given.Reply,
            Answer<IWireMessage>.NotFound missing => missing.Missing,
            _ => null,
        };
        _waitingFor = reply switch
        {
            null => $"{m.Answer}",
            ExperimentReply test when State.Step == RetrainingStep.Testing => RetrainingTest.Waits(test),
            TrainingRunReply => $"its run {EntityId}",
            _ => _waitingFor,
        };
        if (reply is not null && State.Hear(reply) is { } decision)
        {
            Write(decision);
        }
        else if (reply is LineageReply lineage)
        {
            Collect(lineage);
        }
        else
        {
            AskLater();
        }
    }

    private void AskLater() =>
        Timers.After(
            nameof(GoOn),
            State.Step == RetrainingStep.Testing ? _options.AskEvery * TestsAreAskedMoreSlowly : _options.AskEvery,
            GoOn
        );

    private void Collect(LineageReply lineage)
    {
        var mayGrow = lineage is { Open: true, Settings.Paused: false };
        if (mayGrow && lineage.SamplesAccepted < _wanted)
        {
            AskLater();
            return;
        }

        _isCollecting = true;
        var collecting = new CancellationTokenSource();
        _stopCollecting = collecting.Cancel;
        _ = _collector
            .Collect(EntityId, State.Opened!, mayGrow, collecting.Token)
            .PipeTo(Self, failure: e => new Failed(e.GetBaseException().Message));
    }

    private void Hear(CollectedRows rows)
    {
        switch (rows)
        {
            case CollectedRows.Prepared prepared:
                Write(State.HaveRows(prepared.Dataset));
                break;
            case CollectedRows.Refused refused:
                Write(State.HaveNoRows($"its rows make no dataset: {refused.Reason}"));
                break;
            case CollectedRows.TooFew { MayGrow: false } few:
                Write(
                    State.HaveNoRows(
                        $"the lineage has {State.Opened!.Plan.MinRows - few.Lacking} samples, {State.Opened.Plan.MinRows} are wanted, and no more come"
                    )
                );
                break;
            case CollectedRows.TooFew few:
                _wanted = few.Accepted + few.Lacking;
                _waitingFor = $"{few.Lacking} more samples behind batch {State.Opened!.SinceBatchNr}";
                AskLater();
                break;
        }
    }

    private void Write(Decision? decision)
    {
        if (decision is not null)
        {
            var header = new CommandHeader
            {
                CommandId = $"{State.Step}:{EntityId}",
                CorrelationId = State.Opened!.Header?.CorrelationId ?? "",
            };
            Commit(decision, header, _ => { });
        }
    }

    private TimeSpan NextPause() => Backoff.After(_options.RetryAfter, ++_failures, LongestPause);

    private sealed record Answered(IQuery Query, Answer<IWireMessage> Answer) : INoSerializationVerificationNeeded;

    private sealed record Failed(string Reason) : INoSerializationVerificationNeeded;
}
