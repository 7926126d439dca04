using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Studies;

public sealed class StudyListSpecs
{
    [Fact]
    public void A_study_is_listed_as_its_steps_say()
    {
        var list = After(
            ("a", Started("city")),
            ("a", new StudyCancelled { Reason = "enough" }),
            ("a", new StudyResumed()),
            ("a", new StudyCompleted { BestTrial = 3, BestValue = 0.8 }),
            ("a", new BestHandedOver())
        );

        var study = Assert.Single(list.Find(new ListStudies()).Studies);
        Assert.Equal(("a", "city", 12), (study.StudyId, study.Family, study.Trials));
        Assert.Equal((StudyStatus.SearchCompleted, 3, 0.8), (study.Status, study.BestTrial, study.BestValue));
        Assert.True(study.Registered);
        Assert.Equal(("", "somebody"), (study.Reason, study.Author));
        Assert.Equal((1, 5), (study.StartedAt.Seconds, study.ChangedAt.Seconds));
    }

    [Fact]
    public void The_newest_change_comes_first_and_family_and_phase_filter()
    {
        var list = After(
            ("a", Started("city")),
            ("b", Started("town")),
            ("c", Started("city")),
            ("a", new StudyFailed { Reason = "diverged" })
        );

        Assert.Equal(["a", "c", "b"], Ids(list, new ListStudies()));
        Assert.Equal(["a", "c"], Ids(list, new ListStudies { Family = "city" }));
        Assert.Equal(["c", "b"], Ids(list, new ListStudies { Status = StudyStatus.Searching }));
        Assert.Empty(Ids(list, new ListStudies { Family = "town", Status = StudyStatus.SearchFailed }));
    }

    [Fact]
    public void Pages_follow_each_other_though_something_changes_between_them()
    {
        var list = After([.. Enumerable.Range(0, 5).Select(k => ($"s{k}", (IStudyStep)Started("city")))]);

        var first = list.Find(new ListStudies { PageSize = 2 });
        list = list.Apply("s9", Stamped(Started("city"), 99), 1, 99);
        var second = list.Find(new ListStudies { PageSize = 2, PageToken = first.NextPageToken });
        var last = list.Find(new ListStudies { PageSize = 2, PageToken = second.NextPageToken });

        Assert.Equal(["s4", "s3"], first.Studies.Select(s => s.StudyId));
        Assert.Equal(["s2", "s1"], second.Studies.Select(s => s.StudyId));
        Assert.Equal(["s0"], last.Studies.Select(s => s.StudyId));
        Assert.Equal((5, 6, ""), (first.Total, last.Total, last.NextPageToken));
    }

    [Fact]
    public void What_is_read_again_changes_nothing_and_what_was_committed_late_is_not_lost()
    {
        var list = StudyList.Empty.Apply("a", Stamped(Started("city"), 1), 1, 7);
        var late = list.Apply("b", Stamped(Started("city"), 2), 1, 6);

        Assert.Same(late, late.Apply("a", Stamped(Started("city"), 1), 1, 7));
        Assert.Equal((7, 2), (late.Offset, late.Studies.Count));
    }

    [Theory]
    [InlineData(501, "", "page_size")]
    [InlineData(-1, "", "page_size")]
    [InlineData(1, "made up", "page_token")]
    public void A_page_that_cannot_be_is_refused(int size, string token, string field) =>
        Assert.Equal(
            field,
            StudyList.Empty.Find(new ListStudies { PageSize = size, PageToken = token }).Rejection.Field
        );

    private static string[] Ids(StudyList list, ListStudies asked) =>
        [.. list.Find(asked).Studies.Select(s => s.StudyId)];

    /// <summary>The k-th step is at second k and has the offset k.</summary>
    private static StudyList After(params (string Study, IStudyStep Step)[] steps)
    {
        var list = StudyList.Empty;
        for (var k = 0; k < steps.Length; k++)
        {
            var nr = steps.Take(k + 1).Count(s => s.Study == steps[k].Study);
            list = list.Apply(steps[k].Study, Stamped(steps[k].Step, k + 1), nr, k + 1);
        }

        return list;
    }

    private static IStudyStep Stamped(IStudyStep step, int second)
    {
        step.Header = new EventHeader
        {
            At = new Timestamp { Seconds = second },
            Author = "somebody",
        };
        return step;
    }

    private static StudyStarted Started(string family)
    {
        var definition = GivenStudy.Definition();
        definition.Family = family;
        return new StudyStarted { Definition = definition };
    }
}
