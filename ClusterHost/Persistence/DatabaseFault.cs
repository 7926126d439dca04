using System.Data.Common;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>What is the matter with a database, in words of ours: a driver's may hold names that are nobody's business.</summary>
public static class DatabaseFault
{
    public const string Damaged = "damaged";

    private const int Busy = 5;
    private const int Locked = 6;

    /// <summary>Somebody else writes, or nothing comes back: it may pass by itself.</summary>
    public static bool MayPass(Exception e) =>
        e is SqliteException { SqliteErrorCode: Busy or Locked } or TimeoutException or OperationCanceledException
        || e.InnerException is TimeoutException;

    public static bool IsDamage(Exception? e) => e is SqliteException { SqliteErrorCode: 11 or 26 };

    public static string Of(Exception e) =>
        e switch
        {
            SqliteException sqlite => sqlite.SqliteErrorCode switch
            {
                Busy or Locked => "locked by another process",
                8 => "read-only",
                10 => "not readable or writable (input/output error)",
                11 => Damaged,
                13 => "out of space",
                14 => "not to be opened",
                26 => "not a database",
                _ => "failing",
            },
            PostgresException postgres => postgres.SqlState switch
            {
                PostgresErrorCodes.DiskFull => "out of space",
                PostgresErrorCodes.TooManyConnections => "out of connections",
                PostgresErrorCodes.ReadOnlySqlTransaction => "read-only",
                PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => Damaged,
                PostgresErrorCodes.InsufficientPrivilege => "refusing this role",
                PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                    "refusing these credentials",
                PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CannotConnectNow => "starting or stopping",
                PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => "not answering in time",
                _ => "failing",
            },
            MySqlException mysql => mysql.ErrorCode switch
            {
                MySqlErrorCode.DiskFull => "out of space",
                MySqlErrorCode.ConnectionCountError => "out of connections",
                MySqlErrorCode.OptionPreventsStatement => "read-only",
                MySqlErrorCode.UnableToConnectToHost => "not reachable",
                _ => "failing",
            },
            FileNotFoundException => "missing or emptied",
            _ when MayPass(e) => "not answering in time",
            DbException => "not reachable",
            _ => "failing",
        };

    /// <summary>For the owner of the machine: what it is, what the driver said, and what to do.</summary>
    public static string Explain(DbException e, string? file)
    {
        var what = Of(e);
        var where = file is null ? "the database" : file;
        var advice = what switch
        {
            Damaged or "not a database" => "; restore it from a backup (docs/operations.md)",
            "out of space" => "; make room and start again",
            _ when HasNoSpace(file) => "; there is no space left on its disk: make room and start again",
            _ => "",
        };
        return $"{where} is {what}: {e.Message.TrimEnd('.')}{advice}";
    }

    /// <summary>SQLite calls a full disk by other names when it is its memory-mapped side file that finds no room.</summary>
    private static bool HasNoSpace(string? file)
    {
        try
        {
            return file is not null && new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace < 64 * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
