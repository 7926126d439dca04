using System.Data.Common;
using System.Net.Sockets;
using System.Runtime.Serialization;
using Akka.Pattern;
using Akka.Persistence;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class RecoveryFailuresSpecs
{
    public static TheoryData<Exception> OfTheDatabase =>
        [
            new SocketException(),
            new AggregateException(new TimeoutException()),
            new OpenCircuitException("open"),
            new RecoveryTimedOutException("slow"),
            new DatabaseException("57P01", 0),
            new InvalidOperationException("replay", new DatabaseException(null, 5)),
        ];

    public static TheoryData<Exception> OfTheEntity =>
        [
            new SerializationException("unknown manifest"),
            Garbage(),
            new NotSupportedException("no such event"),
            new AggregateException(Garbage()),
            new DatabaseException("XX001", 0),
            new DatabaseException(null, 11),
        ];

    [Theory]
    [MemberData(nameof(OfTheDatabase))]
    public void A_database_that_is_gone_says_nothing_of_one_entity(Exception cause) =>
        Assert.True(RecoveryFailures.IsOfDatabase(cause));

    [Theory]
    [MemberData(nameof(OfTheEntity))]
    public void Bytes_and_pages_that_cannot_be_read_are_the_entitys(Exception cause) =>
        Assert.False(RecoveryFailures.IsOfDatabase(cause));

    [Fact]
    public void Pauses_grow_from_a_second_to_five_minutes()
    {
        double[] seconds = [.. Enumerable.Range(1, 11).Select(a => RecoveryFailures.PauseAfter(a).TotalSeconds)];

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], seconds);
        Assert.Equal(300, RecoveryFailures.PauseAfter(int.MaxValue).TotalSeconds);
    }

    [Fact]
    public void The_reason_is_one_line_of_bounded_length()
    {
        var reason = RecoveryFailures.Reason(new InvalidOperationException(new string('x', 1_000) + "\n"));

        Assert.StartsWith("InvalidOperationException: xxx", reason, StringComparison.Ordinal);
        Assert.InRange(reason.Length, 300, 310);
        Assert.DoesNotContain('\n', reason);
    }

    private static InvalidProtocolBufferException Garbage() =>
        Assert.Throws<InvalidProtocolBufferException>(() => VersionRegistered.Parser.ParseFrom([0xFF]));

    private sealed class DatabaseException(string? state, int code) : DbException("database", code)
    {
        public override string? SqlState => state;
    }
}
