using Npgsql;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class ConnectionBudgetSpecs
{
    private readonly List<string> _said = [];

    [Fact]
    public void A_node_that_fits_is_silent()
    {
        ConnectionBudget.Check(13, allowed: 97, inUse: 84, nodes: 7, _said.Add);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_node_that_does_not_fit_is_refused_with_the_numbers()
    {
        var refused = Assert.Throws<StartRefusedException>(() => ConnectionBudget.Check(13, 97, 85, 2, _said.Add));
        Assert.Contains("needs 13 connections to the database, and of 97 only 12 are free", refused.Message);
    }

    [Fact]
    public void Nodes_that_would_not_fit_once_they_are_busy_are_warned_about()
    {
        ConnectionBudget.Check(13, allowed: 97, inUse: 20, nodes: 8, _said.Add);
        Assert.Contains("8 nodes of 13 connections each do not fit the 97", Assert.Single(_said));
    }

    [Theory]
    [InlineData("", 12)]
    [InlineData(";Maximum Pool Size=20", 20)]
    [InlineData(";MaxPoolSize=7", 7)]
    public void The_pool_has_the_size_that_is_written_else_the_settings(string written, int expected)
    {
        var database = SqlDatabase.Of(
            new PersistenceSettings(PersistenceSettings.Postgres, $"Host=db;Username=u;Password=p{written}")
        );
        var pool = new NpgsqlConnectionStringBuilder(database.ConnectionString);

        Assert.Equal(expected, database.MaxConnections);
        Assert.Equal(expected, pool.MaxPoolSize);
        Assert.Equal("p", pool.Password);
        using var apart = database.ConnectApart();
        Assert.False(new NpgsqlConnectionStringBuilder(apart.ConnectionString).Pooling);
    }

    [Fact]
    public void A_connection_string_the_driver_does_not_take_is_a_settings_error()
    {
        var refused = Assert.Throws<SettingsException>(() =>
            SqlDatabase.Of(new PersistenceSettings(PersistenceSettings.Postgres, "Hoost=db"))
        );
        Assert.Equal("RALM__PERSISTENCE__CONNECTION_STRING", Assert.Single(refused.Errors).Field);
    }
}
