using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Retrainings;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Retrainings;

/// <summary>Which samples of a lineage's journal a model is trained anew on.</summary>
public sealed class LineageWindowSpecs
{
    [Fact]
    public void Those_behind_the_change_where_they_are_enough()
    {
        var rows = Window(batches: 10, since: 6).Take(wanted: 6, mayGrow: true);

        Assert.Equal(["7/0", "7/1", "8/0", "8/1", "9/0", "9/1", "10/0", "10/1"], Names(rows));
        Assert.Equal((8, 7L, 10L, 0), (rows.Since, rows.FirstBatchNr, rows.LastBatchNr, rows.Lacking));
    }

    [Fact]
    public void More_are_waited_for_as_long_as_they_may_come_and_older_ones_make_up_for_them_where_not()
    {
        var window = Window(batches: 10, since: 8);

        Assert.Equal((0, 2), (window.Take(6, mayGrow: true).Samples.Count, window.Take(6, mayGrow: true).Lacking));
        var rows = window.Take(6, mayGrow: false);
        Assert.Equal(["8/0", "8/1", "9/0", "9/1", "10/0", "10/1"], Names(rows));
        Assert.Equal(4, rows.Since);
    }

    [Fact]
    public void Where_all_are_too_few_it_says_how_many_are_lacking()
    {
        var rows = Window(batches: 2, since: 0).Take(6, mayGrow: false);

        Assert.Equal((0, 2), (rows.Samples.Count, rows.Lacking));
    }

    [Fact]
    public void No_more_than_the_newest_are_kept()
    {
        var window = Window(batches: 10, since: 0, most: 5);

        Assert.Equal(["8/1", "9/0", "9/1", "10/0", "10/1"], Names(window.Take(5, mayGrow: true)));
        Assert.Equal(20, window.Accepted);
    }

    [Fact]
    public void What_could_not_be_learned_is_left_out_and_what_was_rolled_back_is_not()
    {
        var window = Window(batches: 4, since: 0)
            .Add(new BatchSetAside { BatchNr = 2 })
            .Add(new LineageRolledBack { BatchNr = 4, ToBatchNr = 0 });

        Assert.Equal(["1/0", "1/1", "3/0", "3/1", "4/0", "4/1"], Names(window.Take(6, mayGrow: false)));
    }

    private static LineageWindow Window(int batches, long since, int most = 100)
    {
        var window = new LineageWindow(since, most);
        for (var nr = 1; nr <= batches; nr++)
        {
            window.Add(
                new BatchAccepted
                {
                    BatchNr = nr,
                    Samples =
                    {
                        new Sample { InteractionId = $"{nr}/0" },
                        new Sample { InteractionId = $"{nr}/1" },
                    },
                }
            );
        }

        return window;
    }

    private static IEnumerable<string> Names(WindowRows rows) => rows.Samples.Select(s => s.InteractionId);
}
