using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Ralm.Drift;
using Ralm.Drift.Detectors;
using Ralm.Drift.Prequential;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Online;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <param name="Noticed">Behind this batch.</param>
/// <param name="Ended">With this batch; an alarm may follow in the same one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReactionStep(DriftNoticed? Noticed, ReactionEnded? Ended);

/// <summary>
/// Notices that a model's predictions become worse, and reacts on a copy: it learns at a higher rate, and from the samples behind
/// the change again and again. The copy takes the model's place when it is better on the same samples, each scored before it
/// is learned, by an answer that holds at every look; else it is thrown away. From then on the model learns so, what it was is
/// the copy and goes on learning as in peace, and takes its place again if it turns out better. A false alarm costs the work of the
/// copy and nothing else. All of it is a function of the batches: a replay, or a checkpoint and the batches behind it, gives the
/// same bits.
/// </summary>
/// <param name="make">A learner of the model's kind.</param>
internal sealed class GuardedReaction(DriftReaction settings, RowForm form, Func<Learner> make) : IDisposable
{
    /// <summary>Rows of a step that is replayed: as a batch has, within this.</summary>
    private const int FewestReplayed = 16;
    private const int MostReplayed = 64;

    private readonly RowWindow _window = new(form.Width, settings.Window);
    private DriftDetector _detector = DriftDetectors.Parse(settings.Detector);
    private PairedLosses _paired = new();
    private Learner? _copy;
    private long _alarmBatchNr;
    private int _left;
    private int _since;
    private bool _won;
    private double _owed;

    /// <summary>Of the learning rate, for the model itself: higher where it has learned by a reaction that has won.</summary>
    public double RateFactor => _won ? settings.RateFactor : 1;

    /// <summary>The model has learned a batch.</summary>
    /// <param name="rows">Encoded, one behind the other.</param>
    /// <param name="logOdds">What the model told of each before it learned it.</param>
    /// <param name="weights">How much each counts; empty: all alike. What is replayed later counts as one of weight 1.</param>
    /// <param name="step">Of a whole step, for such a batch.</param>
    /// <param name="share">Of a whole batch.</param>
    public ReactionStep Learned(
        long batchNr,
        ReadOnlySpan<float> rows,
        ReadOnlySpan<float> logOdds,
        ReadOnlySpan<float> weights,
        Learner model,
        double step,
        double share
    )
    {
        for (var k = 0; k < logOdds.Length; k++)
        {
            _window.Add(rows.Slice(k * form.Width, form.Width));
        }

        var ended = _copy is null ? null : Try(batchNr, rows, logOdds, weights, model, step, share);
        return new ReactionStep(Watch(batchNr, rows, logOdds, model), ended);
    }

    /// <summary>The one under way has no outcome.</summary>
    public void Drop()
    {
        _copy?.Dispose();
        (_copy, _won) = (null, false);
    }

    /// <summary>The copy goes on with this optimiser, too.</summary>
    public void Use(OptimizerConfig config) => _copy?.Use(config);

    /// <summary>Knows the newest rows of one before it.</summary>
    public void TakeWindow(GuardedReaction? other)
    {
        for (var back = (other?._window.Count ?? 0) - 1; back >= 0; back--)
        {
            _window.Add(other!._window[back]);
        }
    }

    public void Save(LineageMemory memory, ICollection<NamedTensor> tensors, ModelCard card)
    {
        memory.Detector = ByteString.CopyFrom(DriftDetectors.Save(_detector));
        tensors.Add(new NamedTensor("window", [_window.Count, form.Width], _window.ToArray()));
        if (_copy is not null)
        {
            (memory.AlarmBatchNr, memory.Left, memory.Since, memory.Won) = (_alarmBatchNr, _left, _since, _won);
            (memory.Steps, memory.OwedSteps) = (_copy.Steps, _owed);
            memory.Paired = ByteString.CopyFrom(_paired.Save());
            var copy = _copy.ToArtifact(card, 0);
            foreach (var tensor in copy.Weights)
            {
                tensors.Add(tensor with { Name = $"copy/{tensor.Name}" });
            }

            foreach (var tensor in copy.State)
            {
                tensors.Add(tensor with { Name = $"copy-optimizer/{tensor.Name}" });
            }
        }
    }

    /// <summary>Goes on where it was saved.</summary>
    /// <exception cref="InvalidDataException">The memory is not that of a reaction.</exception>
    /// <exception cref="InvalidOperationException">It lacks the window.</exception>
    /// <exception cref="ArtifactException">The copy in it is not one of such a model.</exception>
    /// <param name="goesOn">Whether a reaction that was under way does.</param>
    public void Restore(LineageMemory state, OnlineMemory memory, ModelArtifact artifact, bool goesOn)
    {
        if (state.Detector.IsEmpty)
        {
            return;
        }

        _detector = DriftDetectors.Load(state.Detector.Memory);
        var window = memory.Tensors.Single(t => t.Name == "window").Values.Span;
        for (var at = 0; at < window.Length; at += form.Width)
        {
            _window.Add(window.Slice(at, form.Width));
        }

        if (goesOn && state.AlarmBatchNr > 0)
        {
            (_alarmBatchNr, _left, _since, _won) = (state.AlarmBatchNr, state.Left, state.Since, state.Won);
            _owed = state.OwedSteps;
            _paired = PairedLosses.Load(state.Paired.Memory);
            _copy = make();
            var cursor = artifact.Cursor! with { Steps = state.Steps };
            var copy = new ModelArtifact(artifact.Card, Of("copy/"), Of("copy-optimizer/"), cursor);
            _copy.Restore(copy, withOptimizer: true);
        }

        ImmutableArray<NamedTensor> Of(string prefix) =>
            [
                .. memory
                    .Tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(t => t with { Name = t.Name[prefix.Length..] }),
            ];
    }

    public void Dispose() => _copy?.Dispose();

    /// <summary>The loss of each row, as the model was before it.</summary>
    private DriftNoticed? Watch(long batchNr, ReadOnlySpan<float> rows, ReadOnlySpan<float> logOdds, Learner model)
    {
        DriftNoticed? noticed = null;
        for (var k = 0; k < logOdds.Length; k++)
        {
            _detector = _detector.Update(Loss(logOdds[k], rows[((k + 1) * form.Width) - 1]));
            if (_detector is { Level: DriftLevel.Drift, Change: { } change })
            {
                var behind = logOdds.Length - 1 - k;
                _since = (int)Math.Min(change.Since + behind, _window.Count);
                _left = settings.Lasts;
                noticed ??= _copy is null ? new DriftNoticed { BatchNr = batchNr } : null;
            }
        }

        if (noticed is not null)
        {
            (noticed.SamplesSince, noticed.LossSince) = (_since, LossSince(model));
            (_alarmBatchNr, _won, _paired, _owed) = (batchNr, false, new PairedLosses(), 0);
            _copy = make();
            _copy.Take(model);
        }

        return noticed;
    }

    /// <summary>The copy tells, then learns; the one that reacts learns more, and whoever is better is the model.</summary>
    private ReactionEnded? Try(
        long batchNr,
        ReadOnlySpan<float> rows,
        ReadOnlySpan<float> logOdds,
        ReadOnlySpan<float> weights,
        Learner model,
        double step,
        double share
    )
    {
        var told = new float[logOdds.Length];
        try
        {
            Fill(_copy!, rows, logOdds.Length);
            _copy!.Backward(logOdds.Length, dropoutSeed: null, told, threshold: 0, weights, out _);
            _copy.StepOrStay((_won ? 1 : settings.RateFactor) * step);
            _since = Math.Min(_since + logOdds.Length, _window.Count);
            var count = Math.Clamp((int)Math.Round(logOdds.Length / share), FewestReplayed, MostReplayed);
            _owed += settings.Replays * share;
            for (var replay = 0; replay < (int)_owed; replay++)
            {
                Replay(_won ? model : _copy, RandomStream.Mix((ulong)batchNr, (ulong)replay), count);
            }

            _owed -= (int)_owed;
        }
        catch (DivergedException)
        {
            return End(batchNr, model, isBetter: _won);
        }

        for (var k = 0; k < told.Length; k++)
        {
            _paired = _paired.Add(rows[((k + 1) * form.Width) - 1], Probability(logOdds[k]), Probability(told[k]));
        }

        _left -= logOdds.Length;
        var copyIsBetter = _paired.SecondIsBetter(settings.Alpha);
        if (copyIsBetter && !_won)
        {
            model.Swap(_copy);
            (_won, _paired) = (true, new PairedLosses());
            return null;
        }

        return copyIsBetter ? End(batchNr, model, isBetter: true)
            : _left <= 0 || (!_won && _paired.FirstIsBetter(settings.Alpha)) ? End(batchNr, model, isBetter: false)
            : null;
    }

    /// <param name="isBetter">The copy, which is what was served before where the reaction has won.</param>
    private ReactionEnded End(long batchNr, Learner model, bool isBetter)
    {
        var outcome =
            !_won ? ReactionOutcome.ReactionLost
            : isBetter ? ReactionOutcome.ReactionTakenBack
            : ReactionOutcome.ReactionWon;
        if (outcome == ReactionOutcome.ReactionTakenBack)
        {
            model.Take(_copy!);
        }

        Drop();
        return new ReactionEnded
        {
            AlarmBatchNr = _alarmBatchNr,
            BatchNr = batchNr,
            Outcome = outcome,
        };
    }

    /// <summary>A step from rows behind the change, drawn with repetition.</summary>
    private void Replay(Learner learner, ulong seed, int count)
    {
        Fill(learner, count, k => (int)(RandomStream.Uniform(seed, k) * _since));
        learner.Backward(count, dropoutSeed: null);
        learner.StepOrStay(settings.RateFactor);
    }

    /// <summary>As the model is now.</summary>
    private double LossSince(Learner model)
    {
        var target = Fill(model, _since, k => k);
        var probabilities = new float[_since];
        model.Score(_since, probabilities);
        return RankingMetrics.LogLoss<float>(probabilities, target.Labels);
    }

    /// <param name="back">For each row of the target, which of the window: 0 is the newest.</param>
    private BatchTarget Fill(Learner learner, int count, Func<int, int> back)
    {
        var target = learner.Target(count);
        for (var k = 0; k < count; k++)
        {
            form.Read(_window[back(k)], learner, target, k);
        }

        return target;
    }

    private void Fill(Learner learner, ReadOnlySpan<float> rows, int count)
    {
        var target = learner.Target(count);
        for (var k = 0; k < count; k++)
        {
            form.Read(rows.Slice(k * form.Width, form.Width), learner, target, k);
        }
    }

    private static double Loss(float logOdds, float label) => RankingMetrics.LogLoss(Probability(logOdds), label);

    private static double Probability(float logOdds) => LogOdds.ToProbability(logOdds);
}
