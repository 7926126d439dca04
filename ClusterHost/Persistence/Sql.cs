using System.Data.Common;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>The little SQL the host speaks itself.</summary>
public static class Sql
{
    /// <summary>A round trip to the database must be over by then, in seconds.</summary>
    public const int Patience = 5;

    public static async Task<int> Execute(
        this DbConnection connection,
        string sql,
        CancellationToken ct,
        params (string Name, object Value)[] parameters
    )
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task<string?> Text(this DbConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.Command(sql);
        return (await command.ExecuteScalarAsync(ct))?.ToString();
    }

    public static DbCommand Command(
        this DbConnection connection,
        string sql,
        params (string Name, object Value)[] parameters
    )
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = Patience;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
