using System.Data.Common;
using LinqToDB.Interceptors;
using Npgsql;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// Of two sessions that make one table at once PostgreSQL fails one, "if not exists" or not. So nodes that start at once on
/// an empty database make their tables one after the other, and the later ones find them.
/// </summary>
public sealed class TablesInTurn : CommandInterceptor
{
    /// <summary>Held until the statements it was sent with are committed; a number of ours, of no other meaning.</summary>
    internal const string Turn = "SELECT pg_advisory_xact_lock(7233173646);";

    public override DbCommand CommandInitialized(CommandEventData eventData, DbCommand command)
    {
        if (
            command is NpgsqlCommand
            && command.CommandText.TrimStart().StartsWith("CREATE TABLE", StringComparison.OrdinalIgnoreCase)
        )
        {
            command.CommandText = Turn + command.CommandText;
        }

        return command;
    }
}
