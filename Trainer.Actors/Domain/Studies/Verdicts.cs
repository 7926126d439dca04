using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// Which trials can be closed, and as what. A trial is compared with lower numbers only, at the same epoch, and only once
/// each of them is known to have come there or never to come; so the outcome is a function of the values, whatever the
/// order in which they arrived. A run meanwhile trains on: a late verdict counts as of its epoch.
/// </summary>
internal static class Verdicts
{
    /// <summary>Every trial that can be closed now, in order of numbers.</summary>
    public static IEnumerable<TrialClosed> Of(StudyDefinition d, ImmutableList<Trial> trials)
    {
        int[] decisions = [.. DecisionEpochs(d)];
        var earlier = new List<Peer>();
        foreach (var trial in trials)
        {
            var peer = new Peer(d.Objective, trial);
            earlier.Add(peer);
            if (trial.Outcome != TrialOutcome.Unspecified)
            {
                peer.Close(trial.Outcome, trial.Epoch);
            }
            else if (Decide(d, decisions, trial, peer, earlier) is { } closed)
            {
                peer.Close(closed.Outcome, closed.Epoch);
                yield return closed;
            }
        }
    }

    private static TrialClosed? Decide(StudyDefinition d, int[] decisions, Trial trial, Peer self, List<Peer> upToSelf)
    {
        foreach (var epoch in decisions)
        {
            self.SurvivedBefore(epoch);
            if (trial.Values.Count < epoch)
            {
                break;
            }

            var reached = new List<Peer>();
            foreach (var other in upToSelf.Take(upToSelf.Count - 1))
            {
                if (other.Reaches(epoch) is not { } reaches)
                {
                    return null;
                }

                if (reaches)
                {
                    reached.Add(other);
                }
            }

            if (!Keeps(d.Pruning, self, reached, epoch))
            {
                return new TrialClosed
                {
                    Trial = trial.Number,
                    Outcome = TrialOutcome.TrialPruned,
                    Epoch = epoch,
                    Value = trial.Values[self.BestEpoch(epoch) - 1],
                    Reason = d.Pruning.Rule.ToString(),
                };
            }
        }

        if (trial.End is not { } end)
        {
            return null;
        }

        return new TrialClosed
        {
            Trial = trial.Number,
            Outcome = end.Failed ? TrialOutcome.TrialFailed : TrialOutcome.TrialCompleted,
            Epoch = trial.Values.Count,
            Value = end.Failed
                ? double.NaN
                : end.Metrics.FirstOrDefault(m => m.Name == TrialRanking.MetricOf(d.Objective))?.Value ?? double.NaN,
            Reason = end.Reason,
        };
    }

    private static bool Keeps(PruningConfig pruning, Peer self, List<Peer> reached, int epoch) =>
        pruning.Rule == PruningRule.Asha
            ? AshaRule.Keeps(self.Best(epoch), [.. reached.Select(p => p.Best(epoch))], pruning.Eta)
            : MedianRule.Keeps(self.Best(epoch), [.. reached.Select(p => p.Mean(epoch))], pruning.StartupTrials);

    private static IEnumerable<int> DecisionEpochs(StudyDefinition d) =>
        d.Pruning.Rule switch
        {
            PruningRule.Asha => AshaRule.Rungs(d.Pruning.MinEpochs, d.Pruning.Eta, d.Config.MaxEpochs),
            PruningRule.Median when d.Pruning.MinEpochs < d.Config.MaxEpochs => Enumerable.Range(
                d.Pruning.MinEpochs,
                d.Config.MaxEpochs - d.Pruning.MinEpochs
            ),
            _ => [],
        };

    /// <summary>What a later trial may know of this one.</summary>
    private sealed class Peer(Objective objective, Trial trial)
    {
        private TrialOutcome _outcome;
        private int _closedAt;
        private int _survivedUpTo;

        public void Close(TrialOutcome outcome, int epoch) => (_outcome, _closedAt) = (outcome, epoch);

        /// <summary>All its decisions before this epoch let it go on.</summary>
        public void SurvivedBefore(int epoch) => _survivedUpTo = epoch;

        /// <summary><c>null</c> when that is not known yet. A run that ended by itself keeps its best for all later epochs.</summary>
        public bool? Reaches(int epoch) =>
            _outcome switch
            {
                TrialOutcome.TrialCompleted => trial.Values.Count > 0,
                TrialOutcome.TrialPruned => epoch <= _closedAt,
                TrialOutcome.TrialFailed => epoch <= trial.Values.Count,
                _ => epoch <= _survivedUpTo && epoch <= trial.Values.Count ? true : null,
            };

        public double Best(int epoch) => Scores(epoch).Max();

        /// <summary>The epoch, from 1, of the best score so far.</summary>
        public int BestEpoch(int epoch)
        {
            var best = Best(epoch);
            return 1 + Scores(epoch).TakeWhile(score => score < best).Count();
        }

        public double Mean(int epoch) => Scores(epoch).Average();

        private IEnumerable<double> Scores(int epoch) =>
            trial.Values.Take(epoch).Select(v => TrialRanking.Score(objective, v));
    }
}
