using System.Data.Common;
using System.Net.Sockets;
using Akka.Pattern;
using Akka.Persistence;
using Google.Protobuf;

namespace RalmActors.Messages.Entities;

/// <summary>What a recovery that failed says: is it the entity's own journal, or the database as a whole?</summary>
public static class RecoveryFailures
{
    private const int MaxReason = 300;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    /// <summary>A second, then twice as long each time, to five minutes.</summary>
    /// <param name="attempts">Failed so far: at least 1.</param>
    public static TimeSpan PauseAfter(int attempts) => Backoff.After(FirstPause, attempts, MaxPause);

    /// <summary>
    /// Nobody can be read now, so it says nothing of one entity: no connection, no answer in time, a breaker that is open.
    /// What the database itself finds damaged is not meant.
    /// </summary>
    public static bool IsOfDatabase(Exception cause) => Chain(cause).Any(IsOutage) && !Chain(cause).Any(IsDamage);

    /// <summary>In one line: the innermost cause, by type and words.</summary>
    public static string Reason(Exception cause)
    {
        var inner = Chain(cause).Last();
        var line = $"{inner.GetType().Name}: {inner.Message}".ReplaceLineEndings(" ");
        return line.Length <= MaxReason ? line : string.Concat(line.AsSpan(0, MaxReason), "...");
    }

    private static bool IsOutage(Exception e) =>
        e
            is DbException
                or SocketException
                or (IOException and not InvalidProtocolBufferException)
                or TimeoutException
                or OperationCanceledException
                or OpenCircuitException
                or RecoveryTimedOutException;

    /// <summary>PostgreSQL's data_corrupted and index_corrupted; SQLite's CORRUPT and NOTADB.</summary>
    private static bool IsDamage(Exception e) =>
        e is DbException { SqlState: "XX001" or "XX002" } or DbException { SqlState: null, ErrorCode: 11 or 26 };

    private static IEnumerable<Exception> Chain(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
