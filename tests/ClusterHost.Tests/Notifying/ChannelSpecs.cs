using System.Text.Json;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.TestSupport;
using StackExchange.Redis;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Notifying;

/// <summary>A whole node, a real SMTP server and a real Redis.</summary>
public sealed class ChannelSpecs : IAsyncLifetime
{
    private const string Source = "app:shop";
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly RedisServer _redis = new();
    private readonly int _smtpPort = LocalServer.FreePort();
    private TestNode _node = null!;
    private int _samplings;

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RALM__MONITOR__MAIL_SERVER"] = $"smtp://127.0.0.1:{_smtpPort}",
            ["RALM__MONITOR__MAIL_FROM"] = "Ralm <ralm@example.org>",
            ["RALM__MONITOR__MAIL_TO"] = "ann@example.org, bob@example.org",
            ["RALM__MONITOR__REDIS"] = await _redis.Address(),
            ["RALM__MONITOR__REDIS_STREAM"] = "alerts",
        };
        _node = await (await TestNode.Start(settings)).Ready();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task An_alert_and_its_end_come_by_mail_and_into_the_stream_and_one_way_waits_for_no_other()
    {
        await Post("rules", Rules());
        await Post("samples", Sampling(95));
        // No mail server yet: the stream has it all the same.
        var entries = await Eventually.Value(Stream, e => e.Length == 1);
        Assert.Equal(["app:shop", "cpu-high", "firing", "critical"], Fields(entries[0]));
        await Post("samples", Sampling(5));
        entries = await Eventually.Value(Stream, e => e.Length == 2);
        Assert.Equal(["app:shop", "cpu-high", "resolved", "critical"], Fields(entries[1]));

        await using var smtp = await SmtpServer.Start(_smtpPort);
        var mails = await Eventually.Value(() => Task.FromResult(smtp.Mails()), m => m.Length >= 2);

        Assert.Equal(
            ["[FIRING] app:shop: cpu-high", "[RESOLVED] app:shop: cpu-high"],
            mails.Select(m => m.Subject).Distinct(StringComparer.Ordinal)
        );
        Assert.Equal("ann@example.org, bob@example.org", mails[0].To.ToString().Replace("\"", "", Ordinal));
        Assert.Contains("app:shop: cpu-high, cpu is 95", mails[0].TextBody, Ordinal);
        // One thread.
        Assert.Equal(mails[0].References[0], mails[^1].References[0]);
        await _node.Until<AlertsReply>($"/training/monitor/{Source}/alerts", a => a.Untold.Count == 0);
    }

    [Fact]
    public async Task A_test_goes_every_way()
    {
        await using var smtp = await SmtpServer.Start(_smtpPort);
        await Post("notifications/test", """{"header":{"command_id":"test-1"}}""");

        var mail = await Eventually.Value(() => Task.FromResult(smtp.Mails()), m => m.Length >= 1);
        var entries = await Eventually.Value(Stream, e => e.Length == 1);
        Assert.Equal("[TEST] app:shop: test", mail[0].Subject);
        using var body = JsonDocument.Parse($"{entries[0]["body"]}");
        Assert.Equal("firing", body.RootElement.GetProperty("status").GetString());
        Assert.Contains("a test; nothing is the matter", $"{entries[0]["body"]}", Ordinal);
    }

    [Fact]
    public async Task Somebody_takes_an_alert_on()
    {
        await Post("rules", Rules());
        await Post("samples", Sampling(95));
        await Post("alerts/cpu-high/acknowledge", """{"header":{"command_id":"a-1","author":"ann"}}""");

        var alerts = await _node.Get<AlertsReply>($"/training/monitor/{Source}/alerts");
        Assert.Equal("ann", Assert.Single(alerts.Alerts).AcknowledgedBy);
    }

    [Theory]
    [InlineData(
        "RALM__MONITOR__MAIL_SERVER",
        "http://x",
        "RALM__MONITOR__MAIL_SERVER \"***\" must be smtp://host:port"
    )]
    [InlineData("RALM__MONITOR__MAIL_SERVER", "smtp://h:25", "RALM__MONITOR__MAIL_TO \"\" must be addresses")]
    [InlineData("RALM__MONITOR__MAIL_TO", "nobody", "RALM__MONITOR__MAIL_TO \"nobody\" must be a mail address")]
    [InlineData("RALM__MONITOR__REPEAT", "5", "RALM__MONITOR__REPEAT \"5\" must be 0, for never, or 10")]
    public void A_setting_that_is_wrong_is_told(string name, string value, string said)
    {
        var written = WrittenSettings.From(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value });

        var wrong = Assert.Throws<SettingsException>(() => RalmSettings.Read(written));

        Assert.Contains(wrong.Errors, e => $"{e}".Contains(said, Ordinal));
    }

    private static string Rules() =>
        """
            {"header":{"command_id":"r-1"},
             "rules":[{"rule_id":"cpu-high","metric":"cpu","comparison":"ABOVE","threshold":90,"severity":"CRITICAL"}]}
            """;

    private string Sampling(double value)
    {
        var at = TimeProvider.System.GetUtcNow().AddSeconds(-10 + ++_samplings);
        return $$"""{"header":{"command_id":"s-{{_samplings}}"},"at":"{{at:O}}","points":[{"name":"cpu","value":{{value}}}]}""";
    }

    private async Task Post(string path, string json)
    {
        var (status, body) = await _node.SendUntilTaken($"/training/monitor/{Source}/{path}", json);
        Assert.True(status == System.Net.HttpStatusCode.OK, body);
    }

    private async Task<StreamEntry[]> Stream()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await _redis.Address());
        return await redis.GetDatabase().StreamRangeAsync("alerts");
    }

    private static string[] Fields(StreamEntry entry) =>
        [$"{entry["source"]}", $"{entry["rule"]}", $"{entry["status"]}", $"{entry["severity"]}"];
}
