using Google.Protobuf.WellKnownTypes;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Why;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Why;

/// <summary>From alarm to verdict and back, by what the journal says, and nothing of what has to do with neither.</summary>
public sealed class WhySpecs
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 1, 20, 0, 0, TimeSpan.Zero);

    private readonly JournalCauses _journal = new();
    private int _told;

    public WhySpecs()
    {
        Hear("training-run-r-1", new TrainingStarted { DatasetHash = new string('a', 64) });
        Hear("registry-city", Registered("v-1", "training-run/r-1"));
        Hear("lineage-late", new LineageOpened { Family = "city", VersionId = "v-1" });
        // Of the same version, and of no concern.
        Hear("lineage-other", new LineageOpened { Family = "city", VersionId = "v-1" });
        Hear("lineage-late", new BatchAccepted { BatchNr = 1 });
        Hear(
            "lineage-late",
            new DriftNoticed
            {
                BatchNr = 7,
                SamplesSince = 57,
                LossSince = 2.104,
            }
        );
        Hear("lineage-late", new RetrainingAsked { RetrainingId = "late-7", Reason = "worse" });
        Hear("retraining-late-7", new RetrainingOpened { LineageId = "late", SinceBatchNr = 5 });
        Hear("retraining-late-7", new RetrainingRunBegun());
        Hear("training-run-late-7", new TrainingStarted { DatasetHash = new string('b', 64) });
        Hear("registry-city", Registered("late-7", "training-run/late-7", parent: "v-1"));
        Hear("retraining-late-7", new RetrainingTestPlanned { ExperimentId = "late-7-test" });
        Hear(
            "ab-test-late-7-test",
            new ExperimentCreated
            {
                Definition = new ExperimentDefinition
                {
                    Arms =
                    {
                        new Arm { Name = "champion", VersionId = "v-1" },
                        new Arm { Name = "retrained", VersionId = "late-7" },
                    },
                },
            }
        );
        Hear(
            "ab-test-late-7-test",
            new ExperimentDecided { Verdict = new Verdict { Recommendation = "Promote retrained" } }
        );
        Hear(
            "registry-city",
            new StageSet
            {
                VersionId = "late-7",
                Stage = Stage.Champion,
                ExperimentId = "late-7-test",
                Reason = "it has won",
            }
        );
        Hear(
            "retraining-late-7",
            new RetrainingEnded { Outcome = RetrainingOutcome.RetrainingNotBetter, Reason = "the champion stays" }
        );
    }

    [Fact]
    public void From_the_verdict_back_to_the_alarm_and_to_what_the_model_was_trained_on()
    {
        var why = WhyRun.Of(_journal.Chain, "late-7-test");

        Assert.Equal(["ab-test/late-7-test"], why.Asked);
        Assert.Equal(
            [
                "training-run/r-1: started on dataset aaaaaaaaaaaa",
                "version/v-1: registered in city, made by training-run/r-1",
                "lineage/late: opened from version v-1 of city",
                "lineage/late: alarm at batch 7: predictions worse since 57 samples, log loss 2.104",
                "lineage/late: asked for retraining/late-7: worse",
                "retraining/late-7: opened on what late has seen since batch 5: ",
                "training-run/late-7: started on dataset bbbbbbbbbbbb",
                "version/late-7: registered in city, made by training-run/late-7",
                "retraining/late-7: tested by late-7-test against the champion ",
                "ab-test/late-7-test: compares champion (version v-1) with retrained (version late-7)",
                "ab-test/late-7-test: verdict: Promote retrained",
                "version/late-7: champion by ab-test/late-7-test: it has won",
                "retraining/late-7: closed: not better: the champion stays",
            ],
            why.Steps.Select(s => $"{s.Kind}/{s.Id}: {s.What}")
        );
        Assert.Equal(why.Steps.Select(s => s.At).Order(), why.Steps.Select(s => s.At));
        Assert.Equal(
            ["retraining/late-7", "version/late-7", "version/v-1"],
            why.Steps.First(s => s.Kind == "ab-test").Because
        );
    }

    [Fact]
    public void What_shares_an_id_is_asked_for_together_and_from_the_first_version_all_follows()
    {
        Assert.Equal(
            ["retraining/late-7", "training-run/late-7", "version/late-7"],
            WhyRun.Of(_journal.Chain, "late-7").Asked
        );
        var first = WhyRun.Of(_journal.Chain, "v-1");
        Assert.Contains(first.Steps, s => s is { Kind: "lineage", Id: "other" });
        Assert.Contains(first.Steps, s => s is { Kind: "ab-test" });
        Assert.DoesNotContain(WhyRun.Of(_journal.Chain, "other").Steps, s => s.Id == "late");
    }

    [Fact]
    public void What_the_journal_does_not_know_is_refused_by_its_name()
    {
        var refused = Assert.Throws<StartRefusedException>(() => WhyRun.Of(_journal.Chain, "nobody"));

        Assert.Contains("\"nobody\"", refused.Message, StringComparison.Ordinal);
    }

    private static VersionRegistered Registered(string id, string by, string parent = "") =>
        new()
        {
            VersionId = id,
            ProducedBy = by,
            ParentVersionId = parent,
        };

    private void Hear(string persistenceId, IEvent e)
    {
        e.Header = new EventHeader { At = Timestamp.FromDateTimeOffset(T0.AddSeconds(_told++)) };
        _journal.Hear(persistenceId, e);
    }
}
