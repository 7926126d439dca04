using System.Text;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Monitoring;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>A node that is killed again and again while its collector seals chunks, stores them and lets go of its journal.</summary>
public sealed class SeriesKillSpecs : IDisposable
{
    private const string Source = "app:kill";

    private static readonly int Kills = Seeds.IsLong ? 50 : 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-series-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Every_point_that_was_acknowledged_is_there_once_however_often_the_process_is_killed()
    {
        var random = new Random(17);
        var start = TimeProvider.System.GetUtcNow().AddHours(-12);
        await using var host = new HostProcess(_folder);
        var sent = 0;
        for (var round = 0; round < Kills; round++)
        {
            await host.Start();
            using var http = host.Client();
            // However far the chunk of 240, the snapshot and the deletion are when the last is acknowledged.
            var count = 480 + random.Next(240);
            await Send(http, start, sent, count);
            sent += count;
            await host.KillNine();
        }

        await host.Start();
        var reply = await host.Get<ManySeriesReply>($"/training/monitor/{Source}/many-series?metrics=points");
        Assert.Equal(Enumerable.Range(0, sent).Select(i => (double)i), reply.Series[0].Values);
        await host.Stop();
    }

    /// <summary>Until each is acknowledged, one after the other.</summary>
    private static async Task Send(HttpClient http, DateTimeOffset start, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var at = start.AddSeconds(i).ToString("O");
            var body =
                $$"""{"header":{"command_id":"k-{{i}}"},"at":"{{at}}","interval_seconds":1,"points":[{"name":"points","value":{{i}}}]}""";
            await Eventually.Is(async () =>
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync($"/training/monitor/{Source}/samples", content);
                return answer.IsSuccessStatusCode;
            });
        }
    }
}
