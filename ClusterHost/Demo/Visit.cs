using RalmActors.ClusterHost.Client;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace RalmActors.ClusterHost.Demo;

/// <summary>One evening of one user: candidates nearby are scored, the best are shown, people answer, all is reported.</summary>
public sealed class Visit(City city, ServiceClient service, DemoOptions options, string experimentId)
{
    /// <summary>The place in the list up to which an evening is counted a success.</summary>
    private const int Noticed = 1;

    /// <summary>Enough that other policies can be asked of the lists later, little enough that people are still shown whom they like.</summary>
    private static readonly Exploration Mild = new() { Epsilon = 0.1, Temperature = 1 };

    public async Task<VisitResult> Play(int number, bool drifted, CancellationToken ct)
    {
        var random = new Random(HashCode.Combine(options.Seed, number) & int.MaxValue);
        var user = city.People[number % city.People.Length];
        var nearby = city.Nearby(user, options.Candidates, random);
        var truth = nearby.Select(c => city.MatchProbability(user, c, drifted)).ToArray();
        var matches = truth.Select(p => random.NextDouble() < p).ToArray();

        var reply = await Score(user, nearby, number, ct);
        var ranked = Rank(reply, nearby);
        var shown = ranked.Take(options.Shown).ToArray();
        var takesPart = reply.ExperimentId.Length > 0;
        await Decide(reply, user, ranked.Select(i => nearby[i]), shown.Length, ct);
        if (takesPart)
        {
            await Expose(reply, user, ct);
        }

        var scored = reply.Scores.ToDictionary(s => s.CandidateId, StringComparer.Ordinal);
        await Task.WhenAll(shown.Select(i => Interact(reply, scored[nearby[i].Id], user, nearby[i], matches[i], ct)));
        if (takesPart && ranked.Take(Noticed).Any(i => matches[i]))
        {
            await Convert(reply, user, ct);
        }

        return new VisitResult(
            reply.Arm,
            [.. nearby.Select((c, i) => (scored[c.Id], truth[i], matches[i]))],
            shown.Length,
            shown.Count(i => !scored[nearby[i].Id].LookAlike.IsEmpty)
        );
    }

    private Task<ScoreReply> Score(Person user, Person[] nearby, int number, CancellationToken ct)
    {
        var request = new Score
        {
            RequestId = $"visit-{number}",
            Family = DemoRunner.Family,
            UserId = user.Id,
            User = user.Profile,
            ExperimentId = experimentId,
            Exploration = Mild,
        };
        request.Candidates.AddRange(
            nearby.Select(c => new Candidate
            {
                CandidateId = c.Id,
                Features = c.Profile,
                Context = Context(user, c),
            })
        );
        return service.Score(request, ct);
    }

    /// <summary>Before anybody answers: what comes of it is known by its exposure.</summary>
    private Task Decide(ScoreReply reply, Person user, IEnumerable<Person> list, int shown, CancellationToken ct)
    {
        var scored = reply.Scores.ToDictionary(s => s.CandidateId, StringComparer.Ordinal);
        var decision = new LoggedDecision
        {
            ExposureId = reply.ExposureId,
            Family = DemoRunner.Family,
            VersionId = reply.VersionId,
            ArtifactHash = reply.ArtifactHash,
            ExperimentId = reply.ExperimentId,
            Arm = reply.Arm,
            User = user.Profile,
            Shown = shown,
            Exploration = Mild,
        };
        decision.Candidates.AddRange(
            list.Select(c => new LoggedCandidate
            {
                CandidateId = c.Id,
                Features = c.Profile,
                Context = Context(user, c),
                LookAlike = scored[c.Id].LookAlike,
                Score = scored[c.Id].Score,
                Propensity = scored[c.Id].Propensity,
            })
        );
        var command = new RecordDecision
        {
            Header = Header($"{reply.ExposureId}:list"),
            UserId = user.Id,
            Decision = decision,
        };
        return service.Tell<UserRegion>(command, ct);
    }

    private Task Expose(ScoreReply reply, Person user, CancellationToken ct) =>
        Report(
            new RecordExposure
            {
                Header = Header(reply.ExposureId),
                ExperimentId = reply.ExperimentId,
                Unit = user.Id,
                User = user.Profile,
            },
            ct
        );

    /// <summary>A test may end while a visit goes on: what happens after that does not count.</summary>
    private async Task Report(ICommand evidence, CancellationToken ct)
    {
        try
        {
            await service.Tell<EvidenceKey>(evidence, ct);
        }
        catch (RefusedException e) when (e.Field == "occurred_at")
        {
            // The visit goes on without being counted.
        }
    }

    /// <summary>What the model made of the seeds goes back with the answer: online learning learns from what was shown.</summary>
    private Task Interact(
        ScoreReply reply,
        ScoredCandidate scored,
        Person user,
        Person candidate,
        bool match,
        CancellationToken ct
    )
    {
        var interaction = new RecordInteraction
        {
            Header = Header($"{reply.ExposureId}:{candidate.Id}"),
            UserId = user.Id,
            CandidateId = candidate.Id,
            User = user.Profile,
            Candidate = candidate.Profile,
            Context = Context(user, candidate),
            Label = match ? 1 : 0,
            ExposureId = reply.ExposureId,
            LookAlike = scored.LookAlike,
            Score = scored.Score,
            Position = scored.Position,
            Propensity = scored.Propensity,
        };
        interaction.LineageIds.AddRange(reply.LineageIds);
        return service.Interactions.Time(() => service.Tell<UserRegion>(interaction, ct));
    }

    private Task Convert(ScoreReply reply, Person user, CancellationToken ct) =>
        Report(
            new RecordOutcome
            {
                Header = Header($"{reply.ExposureId}:match"),
                ExperimentId = reply.ExperimentId,
                Unit = user.Id,
                ExposureId = reply.ExposureId,
                Metric = DemoRunner.Metric,
                Value = 1,
            },
            ct
        );

    private static int[] Rank(ScoreReply reply, Person[] nearby)
    {
        var place = nearby.Select((c, i) => (c.Id, i)).ToDictionary(x => x.Id, x => x.i, StringComparer.Ordinal);
        return [.. reply.Scores.OrderBy(s => s.Position).Select(s => place[s.CandidateId])];
    }

    private static Features Context(Person user, Person candidate) =>
        new()
        {
            Items =
            {
                new Feature { Name = "distance_km", Number = Math.Round(user.DistanceKm(candidate), 3) },
            },
        };

    private static CommandHeader Header(string id) => new() { CommandId = id, CorrelationId = id };
}

/// <param name="Scored">Per candidate: the model's score, the true probability, and what would have happened.</param>
/// <param name="WithLookAlike">Interactions whose score rested on seeds.</param>
public sealed record VisitResult(
    string Arm,
    (ScoredCandidate Scored, double Truth, bool Match)[] Scored,
    int Interactions,
    int WithLookAlike
);
