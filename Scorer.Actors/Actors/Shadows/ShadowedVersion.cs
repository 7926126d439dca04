using System.Diagnostics;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>One version in shadow, and what it has shown.</summary>
/// <param name="model">Null: it did not load. It fails every request, and its tally says so.</param>
internal sealed class ShadowedVersion(ServingModel? model) : IDisposable
{
    private bool _seesSeeds;
    private bool _failed = model is null;

    public ShadowTally Tally { get; } = new();

    public bool IsSeeded => model?.Seeded is not null;

    /// <summary>False: the keeper does not see seeds by its weights yet, and without them it would not be itself.</summary>
    public bool CanScore => !IsSeeded || _seesSeeds || _failed;

    /// <summary>The keeper has seen what it keeps.</summary>
    /// <param name="good">False: it never will.</param>
    public void SeesSeeds(bool good) => (_seesSeeds, _failed) = (good, !good);

    public void NeedsSeeds() => _seesSeeds = false;

    /// <param name="reply">The champion's answer, which took so many seconds.</param>
    public void Compare(Score request, ScoreReply reply, double seconds, RequestSeeds? seeds)
    {
        var started = Stopwatch.GetTimestamp();
        if (Score(request, seeds) is not { } scores)
        {
            Tally.Fail();
            return;
        }

        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double[] champion = [.. reply.Scores.Select(s => (double)s.Score)];
        Tally.Add(champion, [.. scores.Select(s => (double)s.Score)], seconds, took);
    }

    public void Dispose() => model?.Dispose();

    private ScoredCandidate[]? Score(Score request, RequestSeeds? seeds)
    {
        try
        {
            return _failed ? null : model!.Score(request, seeds);
        }
        catch (FeatureException)
        {
            return null;
        }
    }
}
