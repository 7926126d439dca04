using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>Rows of a journal are spoilt: whose they are is said, nobody else is concerned, and mending them is enough.</summary>
public sealed class UnreadableEntitySpecs : IDisposable
{
    private static readonly Dictionary<string, string> Spoilt = new(StringComparer.Ordinal)
    {
        ["no-such-message"] = "manifest = 'ralm.learning.v1.NeverHeardOf'",
        ["garbage"] = "message = x'FFFFFFFFFF'",
        ["of-another-entity"] = "manifest = 'ralm.training.v1.VersionRegistered', message = x''",
        ["whose-first-event-is-gone"] = "sequence_number = 2",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-unreadable-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task An_entity_that_cannot_be_read_is_named_counted_and_logged_once_and_read_again_once_it_is_mended()
    {
        string[] users = [.. Spoilt.Keys, "sound"];
        await using (var node = await (await TestNode.Start(folder: _folder)).Ready())
        {
            foreach (var user in users)
            {
                using var accepted = await Update(node, user, "c-1");
                Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
            }
        }

        await Run("CREATE TABLE kept AS SELECT ordering, sequence_number, manifest, message FROM journal");
        foreach (var (user, change) in Spoilt)
        {
            await Run($"UPDATE journal SET {change} WHERE persistence_id = 'user-{user}'");
        }

        await using (var node = await (await TestNode.Start(folder: _folder)).Ready())
        {
            var errors = ErrorsOf(node.Node.System);
            foreach (var user in Spoilt.Keys)
            {
                await Eventually.Is(async () => await IsNamed(node, user));
                using var command = await Update(node, user, "c-2");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, command.StatusCode);
            }

            using var sound = await Get(node, "/training/users/sound");
            Assert.Equal(HttpStatusCode.OK, sound.StatusCode);
            Assert.Equal(Spoilt.Keys.Order(StringComparer.Ordinal), await Listed(node));
            Assert.Equal(Spoilt.Count, await Gauge(node));

            // They are tried again meanwhile, with nobody asking.
            await Eventually.Is(async () => (await Unreadable(node)).All(e => (int)e["attempts"]! >= 3));
            Assert.Equal(Spoilt.Count, errors.Count);
            Assert.All(Spoilt.Keys, user => Assert.Single(errors, e => e.Contains(user, StringComparison.Ordinal)));

            await Run(
                "UPDATE journal SET (sequence_number, manifest, message) = "
                    + "(SELECT sequence_number, manifest, message FROM kept WHERE kept.ordering = journal.ordering) "
                    + "WHERE ordering IN (SELECT ordering FROM kept)"
            );
            await Eventually.Is(async () => (await Listed(node)).Length == 0);
            Assert.Equal(0, await Gauge(node));
            foreach (var user in users)
            {
                using var answer = await Get(node, $"/training/users/{user}");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                using var again = await Update(node, user, "c-1");
                Assert.Contains("DUPLICATE", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Answered at once, by the name of who cannot be read, and when to come back.</summary>
    private static async Task<bool> IsNamed(TestNode node, string user)
    {
        using var answer = await Get(node, $"/training/users/{user}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return (string?)problem["field"] == "user"
            && (string?)problem["value"] == user
            && answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1);
    }

    private static async Task<JsonObject[]> Unreadable(TestNode node)
    {
        using var answer = await Get(node, "/training/health/unreadable");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return [.. list["entities"]!.AsArray().Select(e => e!.AsObject())];
    }

    private static async Task<string[]> Listed(TestNode node) =>
        [.. (await Unreadable(node)).Select(e => (string)e["entity_id"]!)];

    private static async Task<int> Gauge(TestNode node)
    {
        const string Name = "ralm_unreadable_entities ";
        var metrics = await node.Text("/metrics");
        var line = metrics.Split('\n').Single(l => l.StartsWith(Name, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
    }

    private static Task<HttpResponseMessage> Get(TestNode node, string path) =>
        node.Client.GetAsync(new Uri(path, UriKind.Relative));

    private static Task<HttpResponseMessage> Update(TestNode node, string user, string commandId) =>
        node.Client.PostAsJsonAsync(
            new Uri($"/training/users/{user}/profile", UriKind.Relative),
            new { header = new { command_id = $"{user}-{commandId}" }, profile = new { } }
        );

    /// <summary>Every error that anybody in the actor system logs.</summary>
    private static ConcurrentQueue<string> ErrorsOf(ActorSystem system)
    {
        var errors = new ConcurrentQueue<string>();
        var listener = system.ActorOf(Props.Create(() => new Listener(errors)));
        system.EventStream.Subscribe(listener, typeof(Error));
        return errors;
    }

    private async Task Run(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "ralm.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentQueue<string> errors) => Receive<Error>(e => errors.Enqueue($"{e.Message}"));
    }
}
