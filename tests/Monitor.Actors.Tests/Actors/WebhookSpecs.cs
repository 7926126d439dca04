using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Notifying;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Actors;

/// <summary>Over real HTTP, to a receiver of this process that answers as it is told.</summary>
public sealed class WebhookSpecs : Akka.Hosting.TestKit.TestKit
{
    private const string Secret = "s3cret";
    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly FakeTimeProvider _clock = new(T0);
    private readonly ConcurrentQueue<(string Body, string? Signature, string? Notice)> _told = new();
    private readonly HttpListener _receiver = new();
    private readonly Uri _url;
    private volatile int _status = 200;
    private int _starts;

    public WebhookSpecs()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _url = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/hook");
        free.Stop();
        _receiver.Prefixes.Add($"http://127.0.0.1:{_url.Port}/");
    }

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithRalmSerialization().WithInMemoryJournal().WithInMemorySnapshotStore();

    protected override async Task AfterAllAsync()
    {
        _receiver.Close();
        await base.AfterAllAsync();
    }

    [Fact]
    public async Task An_alert_reaches_the_webhook_as_Alertmanager_would_tell_it_and_so_does_its_end()
    {
        Listen();
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0)));
        await Accepted(collector, Sampling("l-0", T0, ("cpu", 95)));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await Accepted(collector, Sampling("l-1", T0.AddSeconds(30), ("cpu", 5)));
        await Told(collector);

        Assert.Equal(["firing", "resolved"], Statuses());
        var (body, signature, notice) = _told.First();
        Assert.Equal(
            (WebhookBody.Signature(System.Text.Encoding.UTF8.GetBytes(body), Secret), $"{Source}/notice/1"),
            (signature, notice)
        );
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal("4", json.GetProperty("version").GetString());
        var alert = json.GetProperty("alerts")[0];
        Assert.Equal("cpu-high", alert.GetProperty("labels").GetProperty("alertname").GetString());
        Assert.Equal("critical", alert.GetProperty("labels").GetProperty("severity").GetString());
        Assert.Equal("2026-01-01T00:00:00Z", alert.GetProperty("startsAt").GetString());
        Assert.Equal("0001-01-01T00:00:00Z", alert.GetProperty("endsAt").GetString());
        var over = JsonDocument.Parse(_told.Last().Body).RootElement.GetProperty("alerts")[0];
        Assert.Equal("2026-01-01T00:00:00Z", over.GetProperty("startsAt").GetString());
        Assert.Equal("2026-01-01T00:00:30Z", over.GetProperty("endsAt").GetString());
        Assert.Equal(alert.GetProperty("fingerprint").GetString(), over.GetProperty("fingerprint").GetString());
    }

    [Fact]
    public async Task A_collector_killed_between_alert_and_delivery_tells_it_when_it_lives_again()
    {
        // Nobody listens yet.
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0)));
        await Accepted(collector, Sampling("l-0", T0, ("cpu", 95)));
        await Kill(collector);
        Listen();

        // Nothing but its start makes it tell.
        await Told(Start());

        Assert.NotEmpty(_told);
        Assert.Equal(["firing"], Statuses().Distinct());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(403)]
    // Not followed: the body is for one receiver.
    [InlineData(302)]
    public async Task What_a_receiver_does_not_take_is_told_again_until_it_does(int status)
    {
        _status = status;
        Listen();
        var collector = Start();
        await Accepted(collector, Rules("r", Rule(forSeconds: 0)));
        await Accepted(collector, Sampling("l-0", T0, ("cpu", 95)));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await Accepted(collector, Sampling("l-1", T0.AddSeconds(30), ("cpu", 5)));
        await Eventually.Is(() => _told.Count > 1);
        // In order: as long as the first is not taken, nothing else comes.
        Assert.Equal(["firing"], Statuses().Distinct());
        _status = 200;
        await Told(collector);

        Assert.Equal(["firing", "resolved"], Statuses().Distinct());
    }

    private IEnumerable<string?> Statuses() =>
        _told.Select(t => JsonDocument.Parse(t.Body).RootElement.GetProperty("status").GetString());

    private void Listen()
    {
        _receiver.Start();
        _ = Receive();
    }

    private async Task Receive()
    {
        try
        {
            while (true)
            {
                var context = await _receiver.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                var body = await reader.ReadToEndAsync();
                var headers = context.Request.Headers;
                _told.Enqueue((body, headers[WebhookBody.SignatureHeader], headers[WebhookBody.NoticeHeader]));
                context.Response.StatusCode = _status;
                context.Response.RedirectLocation = _status == 302 ? $"{_url}/elsewhere" : null;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The spec is over.
        }
    }

    private IActorRef Start()
    {
        var options = new CollectorOptions
        {
            LookEvery = TimeSpan.FromMilliseconds(50),
            TellAgainAfter = TimeSpan.FromMilliseconds(50),
        };
        Func<IEnumerable<INotifyChannel>> channels = () =>
            [new WebhookSender(new WebhookOptions { Url = _url, Secret = Secret })];
        var notifier = Sys.ActorOf(Props.Create(() => new NotifierActor(channels)));
        Func<Type, ICanTell?> way = _ => notifier;
        return Sys.ActorOf(
            Props.Create(() => new CollectorActor(Source, options, _clock, way)),
            $"collector-{++_starts}"
        );
    }

    private async Task Kill(IActorRef collector)
    {
        Watch(collector);
        Sys.Stop(collector);
        await ExpectTerminatedAsync(collector, Patience);
    }

    private static Task Told(IActorRef collector) =>
        Eventually.Is(async () => (await collector.Ask<AlertsReply>(new GetAlerts(), Patience)).Untold.Count == 0);

    private static async Task Accepted(IActorRef collector, ICommand command) =>
        Assert.Equal(CommandOutcome.Accepted, (await collector.Ask<CommandReply>(command, Patience)).Outcome);
}
