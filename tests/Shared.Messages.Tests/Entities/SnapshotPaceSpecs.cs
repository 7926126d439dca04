using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class SnapshotPaceSpecs
{
    private static readonly EntityOptions Options = new() { SnapshotEvery = 10, SnapshotBytes = 1_000_000 };

    [Fact]
    public void A_small_state_is_photographed_after_so_many_events()
    {
        var pace = new SnapshotPace(Options);
        pace.Begin(10, Snapshot(100));

        Assert.Equal(20, FirstDue(pace, 10, 100));
    }

    [Fact]
    public void A_large_one_when_half_its_bytes_are_journaled()
    {
        var pace = new SnapshotPace(Options);
        pace.Begin(10, Snapshot(100_000));

        Assert.InRange(FirstDue(pace, 10, 100), 450, 510);
    }

    [Fact]
    public void The_snapshot_before_the_newest_is_known()
    {
        var pace = new SnapshotPace(Options);
        pace.Begin(10, Snapshot(1));
        Assert.Equal(0, pace.BeforeNewest);
        pace.Begin(25, Snapshot(1));
        pace.Begin(25, Snapshot(1));

        Assert.Equal(10, pace.BeforeNewest);
    }

    private static long FirstDue(SnapshotPace pace, long from, int bytes)
    {
        var at = from;
        while (!pace.IsDue(at))
        {
            at++;
            pace.Journaled(new LineageClosed { Reason = new string('x', bytes) });
        }

        return at;
    }

    private static EntitySnapshot Snapshot(int bytes) => new() { State = ByteString.CopyFrom(new byte[bytes]) };
}
