using System.Text;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Notifying;
using StackExchange.Redis;

namespace RalmActors.ClusterHost.Notifying;

/// <summary>
/// An entry a notice: <c>notice</c>, the same for each repetition; <c>status</c>, <c>source</c>, <c>rule</c>, <c>severity</c>; and
/// <c>body</c>, what a webhook is sent.
/// </summary>
public sealed class RedisStreamChannel(RedisChannelOptions options) : INotifyChannel
{
    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _redis;

    public string Name => "redis";

    public int InFlight => 64;

    public async Task<string?> Tell(TellAlert told)
    {
        var alert = told.Notice.Alert;
        try
        {
            var database = (await Connected().ConfigureAwait(false)).GetDatabase();
            await database
                .StreamAddAsync(
                    options.Stream,
                    [
                        new("notice", told.Header.CommandId),
                        new("status", alert.Status == AlertStatus.Resolved ? "resolved" : "firing"),
                        new("source", told.SourceId),
                        new("rule", alert.RuleId),
                        new("severity", alert.Severity.ToString().ToLowerInvariant()),
                        new("body", Encoding.UTF8.GetString(WebhookBody.Of(told))),
                    ],
                    maxLength: options.MaxLength,
                    useApproximateMaxLength: true
                )
                .ConfigureAwait(false);
            return null;
        }
        catch (RedisException e)
        {
            return $"was not taken: {e.GetType().Name}";
        }
        catch (TimeoutException)
        {
            return "did not answer in time";
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connecting.Dispose();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    /// <summary>Made once; it comes back by itself.</summary>
    private async Task<ConnectionMultiplexer> Connected()
    {
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            return _redis ??= await ConnectionMultiplexer.ConnectAsync(options.Connection).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
