using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Ralm.Models.OffPolicy;
using Ralm.Ranking.Schema;
using RalmActors.ClusterHost.OffPolicy;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.OffPolicy;

/// <summary>What of a journal is asked, what is its reward, and what stands beside the estimate.</summary>
public sealed class PolicyReplaySpecs
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Exploration Greedy = new() { Epsilon = 0.5 };

    /// <summary>It would show the second: .25 for the first of two by chance, over .75 with which it was shown.</summary>
    [Fact]
    public void A_row_is_weighed_by_the_policys_chance_over_the_propensity()
    {
        var replay = Replay(new Fixed(0.1f, 0.9f));

        Decide(replay, "e-1", propensity: 0.75);
        Answer(replay, "e-1", "c-0", 1);

        var estimates = replay.Estimate();
        Assert.Equal((1, 1), (estimates.Rows, estimates.LoggedValue.Estimate));
        Assert.Equal(0.25 / 0.75, estimates.MeanWeight, 12);
        Assert.Equal("has 1 decisions; must be at least 1,000", estimates.Refused);
    }

    [Fact]
    public void A_reward_is_the_first_answer_to_who_was_shown_first()
    {
        var replay = Replay();
        Decide(replay, "e-1");
        Decide(replay, "e-2");
        Decide(replay, "e-3");
        Answer(replay, "e-1", "c-1", 1);
        Answer(replay, "e-1", "c-0", 0);
        Answer(replay, "e-1", "c-0", 1);
        Answer(replay, "e-2", "c-0", 1);
        Answer(replay, "e-9", "c-0", 1);

        var estimates = replay.Estimate();

        Assert.Equal((3, 1), (estimates.Rows, replay.Unanswered));
        Assert.Equal(1 / 3.0, estimates.LoggedValue.Estimate, 12);
    }

    [Fact]
    public void Of_two_decisions_of_one_exposure_the_first_counts()
    {
        var replay = Replay();
        Decide(replay, "e-1");
        Decide(replay, "e-1");

        Assert.Equal(1, replay.Estimate().Rows);
    }

    [Fact]
    public void Only_what_is_asked_for_is_a_row()
    {
        var question = Question() with { LoggedBy = "frozen", ExperimentId = "t", From = T0, To = T0.AddHours(1) };
        var replay = new PolicyReplay(new Fixed(), question, "city");
        Decide(replay, "e-1");
        Decide(replay, "e-2", d => d.Arm = "online");
        Decide(replay, "e-3", d => d.ExperimentId = "t:rollout");
        Decide(replay, "e-4", d => d.Family = "town");
        Decide(replay, "e-5", d => d.OccurredAt = Timestamp.FromDateTimeOffset(T0.AddHours(1)));
        Decide(replay, "e-6", d => d.OccurredAt = Timestamp.FromDateTimeOffset(T0.AddSeconds(-1)));
        Decide(replay, "e-7", d => (d.Arm, d.VersionId) = ("", "frozen"));

        Assert.Equal((2, 5), (replay.Estimate().Rows, replay.Others));
    }

    [Fact]
    public void A_decision_that_the_policy_cannot_read_is_left_out_and_counted()
    {
        var replay = Replay(new Fixed { Fails = true });
        Decide(replay, "e-1");

        Assert.Equal((0, 1), (replay.Estimate().Rows, replay.Unreadable));
    }

    [Fact]
    public void A_lineage_hears_its_own_journal_alone_and_before_the_decisions_behind_it()
    {
        var policy = new Fixed();
        var replay = Replay(policy);
        replay.Hear("lineage-other", new BatchAccepted { BatchNr = 1 });
        replay.Hear("lineage-l", new BatchAccepted { BatchNr = 2 });
        Decide(replay, "e-1");
        replay.Hear("lineage-l", new LineageCheckpointed { BatchNr = 2 });

        Assert.Equal(["BatchAccepted", "score", "LineageCheckpointed"], policy.Seen);
    }

    /// <summary>1,000 users; who was drawn does not matter, as all are alike: the value is the logs'.</summary>
    [Fact]
    public void A_thousand_decisions_are_answered_with_what_the_experiment_measured_beside()
    {
        var question = Question();
        var (replay, results) = (new PolicyReplay(new Fixed(), question, "city"), new ExperimentResults(question));
        for (var k = 0; k < 1_000; k++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"e-{k}");
            Decide(replay, id, propensity: 0.75, user: $"u-{k}");
            Answer(replay, id, "c-0", k % 5 < 2 ? 1 : 0);
        }

        results.Hear("ab-test-t", Created("frozen", "online"));
        results.Hear("ab-test-t", Reported(cell: 0, revision: 1, ("online", 10, 9)));
        results.Hear("ab-test-t", Reported(cell: 0, revision: 2, ("online", 300, 120), ("frozen", 300, 30)));
        results.Hear("ab-test-t", Reported(cell: 1, revision: 3, ("online", 200, 90)));

        var summary = PolicySummary.Of(question, "city", replay, replay.Estimate(), results.Newest());

        Assert.Equal(
            ("lineage:l", 1_000, 0.4, null),
            (summary.Policy, summary.Rows, summary.LoggedValue, summary.Refused)
        );
        Assert.Equal((0.4, 0.4, 1_000), (summary.Ips!.Estimate, summary.Snips!.Estimate, summary.EffectiveSampleSize));
        var measured = summary.Experiment!;
        Assert.Equal(
            ("t", "online", "match", 500, 0.42),
            (measured.ExperimentId, measured.Arm, measured.Metric, measured.Units, measured.Value)
        );
        // 1.96 sqrt(.42 .58 / 499)
        Assert.Equal((0.3767, 0.4633), (measured.Lower, measured.Upper));
        Assert.Equal(["ips", "snips", "dr"], measured.Inside);
        Assert.Equal(measured.Inside, measured.Agree);
        Assert.Contains(
            "\"refused\":null,\"experiment\":{\"experiment_id\":\"t\"",
            summary.ToJson(),
            StringComparison.Ordinal
        );
        Assert.Contains("measured  0.4200  (0.3767 to 0.4633)", summary.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void With_other_settings_no_experiment_has_shown_it()
    {
        var question = Question() with
        {
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["batch_size"] = "8" },
        };
        var results = new ExperimentResults(question);
        results.Hear("ab-test-t", Created("frozen", "online"));
        results.Hear("ab-test-t", Reported(cell: 0, revision: 1, ("online", 10, 9)));

        Assert.Null(results.Newest());
    }

    [Theory]
    [InlineData("v-1")]
    [InlineData("version:")]
    [InlineData("model:x")]
    public void A_policy_is_a_version_or_a_lineage(string policy) =>
        Assert.Equal(
            $"--policy \"{policy}\" must be version:ID or lineage:ID",
            Assert.Throws<CommandLineException>(() => PolicyQuestion.Parse(policy)).Message
        );

    [Theory]
    [InlineData("epsilon=2", "--explore.epsilon \"2\" must be 0 to 1")]
    [InlineData("epsilon=x", "--explore \"epsilon=x\" must be a number")]
    [InlineData("rate=1", "--explore \"rate\" must be epsilon or temperature, or none")]
    [InlineData("epsilon", "--explore \"epsilon\" must be NAME=VALUE, each name once")]
    public void An_exploration_that_cannot_be_is_refused(string text, string said) =>
        Assert.Equal(said, Assert.Throws<CommandLineException>(() => PolicyQuestion.ExplorationOf(text)).Message);

    [Fact]
    public void None_is_always_the_best() =>
        Assert.Equal(
            (0, 0),
            (PolicyQuestion.ExplorationOf("none")!.Epsilon, PolicyQuestion.ExplorationOf("none")!.Temperature)
        );

    private static PolicyReplay Replay(Fixed? policy = null) => new(policy ?? new Fixed(), Question(), "city");

    private static PolicyQuestion Question() =>
        new(
            PolicyKind.Lineage,
            "l",
            null,
            null,
            null,
            new Dictionary<string, string>(StringComparer.Ordinal),
            null,
            null,
            null,
            null
        );

    private static void Decide(
        PolicyReplay replay,
        string exposureId,
        Action<LoggedDecision>? change = null,
        double propensity = 0.5,
        string user = "u-1"
    )
    {
        var decision = new LoggedDecision
        {
            ExposureId = exposureId,
            Family = "city",
            VersionId = "v-1",
            Arm = "frozen",
            ExperimentId = "t",
            Candidates =
            {
                new LoggedCandidate
                {
                    CandidateId = "c-0",
                    Score = 0.5f,
                    Propensity = propensity,
                },
                new LoggedCandidate
                {
                    CandidateId = "c-1",
                    Score = 0.5f,
                    Propensity = 1,
                },
            },
            Exploration = Greedy,
            OccurredAt = Timestamp.FromDateTimeOffset(T0),
        };
        change?.Invoke(decision);
        replay.Hear($"user-{user}", new DecisionRecorded { Decision = decision });
    }

    private static void Answer(PolicyReplay replay, string exposureId, string candidateId, float label) =>
        replay.Hear(
            "user-u-1",
            new InteractionRecorded
            {
                Sample = new Sample
                {
                    ExposureId = exposureId,
                    CandidateId = candidateId,
                    Label = label,
                },
            }
        );

    private static ExperimentCreated Created(string control, string arm) =>
        new()
        {
            Definition = new ExperimentDefinition
            {
                Family = "city",
                Metric = "match",
                Arms =
                {
                    new Arm { Name = control, VersionId = "v-1" },
                    new Arm { Name = arm, LineageId = "l" },
                },
            },
        };

    private static CellReported Reported(
        int cell,
        int revision,
        params (string Arm, int Units, int Converted)[] arms
    ) =>
        new()
        {
            Cell = cell,
            Revision = revision,
            Arms =
            {
                arms.Select(a => new ArmStatistics
                {
                    Arm = a.Arm,
                    Metric = "match",
                    Units = a.Units,
                    Converted = a.Converted,
                    Sums = new ExactSums
                    {
                        Y = string.Create(CultureInfo.InvariantCulture, $"{a.Converted}000000"),
                        YSquared = string.Create(CultureInfo.InvariantCulture, $"{a.Converted}000000000000"),
                    },
                }),
            },
        };

    private sealed class Fixed(params float[] scores) : IReplayedPolicy
    {
        public bool Fails { get; init; }

        public List<string> Seen { get; } = [];

        public void Hear(IEvent e) => Seen.Add(e.GetType().Name);

        public float[] Score(string userId, LoggedDecision decision)
        {
            Seen.Add("score");
            return Fails ? throw new FeatureException("must be a number")
                : scores.Length > 0 ? scores
                : [0.5f, 0.5f];
        }

        public void Dispose() { }
    }
}
