using Ralm.Ranking.Randomness;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

/// <summary>
/// A study among runs that go on in any order: reports come late, twice, of old leases; the node dies between any two
/// events; runs go on after they were pruned; the study is cancelled and resumed. What a run shows is a function of its
/// configuration.
/// </summary>
internal sealed class StudyWorld(StudyDefinition definition, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<IEvent> _journal = [];
    private readonly Dictionary<string, SimulatedRun> _runs = new(StringComparer.Ordinal);
    private readonly List<(int Trial, int Attempt, int Lease, TrainingRunReply Run)> _reports = [];
    private StudyState _state = StudyState.Empty("study-1");

    public IReadOnlyList<IEvent> Journal => _journal;

    public StudyState State => _state;

    /// <summary>Plays until the study is over; what it found, as text.</summary>
    public string Play(bool hostile)
    {
        Write(_state.Decide(GivenStudy.Start(definition), GivenStudy.Now));
        for (var step = 0; _state.Phase is StudyStatus.Searching or StudyStatus.SearchCancelled; step++)
        {
            Assert.True(step < 200_000, "the study does not end");
            if (hostile)
            {
                Trouble();
            }

            Move(hostile);
        }

        return Found(_state);
    }

    public static string Found(StudyState state) =>
        string.Join(
            '\n',
            state
                .Trials.Select(t =>
                    $"{t.Number} {t.Parameters} {t.Config.RandomSeed} {t.Outcome} {t.Epoch} {t.Value:R}"
                )
                .Append($"{state.Phase}, best {state.Best?.Number} {state.Best?.Value:R}")
        );

    private void Move(bool hostile)
    {
        var underWay = _state.UnderWay.ToArray();
        if (underWay.Length == 0)
        {
            if (_state.Phase is StudyStatus.SearchCompleted or StudyStatus.SearchFailed)
            {
                return;
            }

            Assert.Equal(StudyStatus.SearchCancelled, _state.Phase);
            Write(_state.Decide(GivenStudy.Resume(), GivenStudy.Now));
            return;
        }

        var trial = hostile ? underWay[_random.Next(underWay.Length)] : underWay[0];
        var run = _runs.TryGetValue(trial.RunId, out var known) ? known : _runs[trial.RunId] = new(trial);
        run.Go(hostile ? _random.Next(4) : 1);
        if (!_state.Wants(trial) && (!hostile || _random.Next(3) == 0))
        {
            run.Cancel();
        }

        Report((trial.Number, trial.Attempt, trial.Lease, run.Reply()));
    }

    private void Trouble()
    {
        switch (_random.Next(20))
        {
            case 0:
                _state = Recovered();
                Write(_state.GoOn());
                break;
            case 1 or 2 or 3 when _reports.Count > 0:
                Report(_reports[_random.Next(_reports.Count)]);
                break;
            case 4 when _state.UnderWay.FirstOrDefault() is { } trial:
                Write(_state.Lapse(trial.Number, trial.Attempt, trial.Lease));
                break;
            case 5 when _random.Next(4) == 0 && _state.Phase == StudyStatus.Searching:
                Write(_state.Decide(GivenStudy.Cancel(), GivenStudy.Now));
                break;
        }
    }

    private void Report((int Trial, int Attempt, int Lease, TrainingRunReply Run) report)
    {
        _reports.Add(report);
        Write(_state.Report(report.Trial, report.Attempt, report.Lease, report.Run));
    }

    /// <summary>Sometimes the node dies when a part of the events is in the journal.</summary>
    private void Write(Decision? decision)
    {
        if (decision is null)
        {
            return;
        }

        Assert.Null(decision.Rejection);
        foreach (var e in decision.Events)
        {
            _journal.Add(e);
            _state = _state.Apply(e);
            Assert.True(_state.UnderWay.Count() <= Math.Max(1, definition.MaxParallel), "too many at once");
            if (_random.Next(50) == 0)
            {
                _state = Recovered();
                Write(_state.GoOn());
                return;
            }
        }
    }

    private StudyState Recovered() =>
        _journal
            .Select(e =>
                (IEvent)WireTypes.Parse(e.Descriptor.FullName, Google.Protobuf.MessageExtensions.ToByteArray(e))
            )
            .Aggregate(StudyState.Empty("study-1"), (s, e) => s.Apply(e));

    private sealed class SimulatedRun(Trial trial)
    {
        private readonly ulong _seed = RandomStream.Mix(trial.Config.RandomSeed, (ulong)trial.Config.Model.HiddenDim);
        private int _epochs;
        private bool _cancelled;

        // One run in eight diverges somewhere; the others end by patience or at the last epoch.
        private bool Diverges => _seed % 8 == 0;

        private int Last => 1 + (int)((_seed >> 8) % (ulong)trial.Config.MaxEpochs);

        public void Go(int epochs) => _epochs = _cancelled ? _epochs : Math.Min(Last, _epochs + epochs);

        public void Cancel() => _cancelled = _epochs < Last;

        public TrainingRunReply Reply() =>
            GivenStudy.Run(
                Enumerable.Range(1, _epochs).Select(Auc),
                _cancelled ? RunStatus.Cancelled
                    : _epochs < Last ? RunStatus.Training
                    : Diverges ? RunStatus.Failed
                    : RunStatus.Completed
            );

        private double Auc(int epoch) =>
            0.5
            + (0.4 * RandomStream.Uniform(_seed, 0) * (1 - Math.Exp(-epoch / 3.0)))
            + (0.05 * RandomStream.Uniform(_seed, epoch));
    }
}
