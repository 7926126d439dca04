using System.Net.Http.Headers;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Notifying;

/// <summary>Posts a notice. Redirects are not followed: a receiver that has moved is somebody else until the owner says so.</summary>
public sealed class WebhookSender : INotifyChannel
{
    private readonly WebhookOptions _options;
    private readonly HttpClient _http;

    public WebhookSender(WebhookOptions options)
    {
        _options = options;
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = options.Timeout,
            }
        )
        {
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = 64 * 1024,
        };
    }

    public string Name => "webhook";

    public int InFlight => _options.InFlight;

    /// <inheritdoc/>
    public async Task<string?> Tell(TellAlert told)
    {
        var body = WebhookBody.Of(told);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookBody.NoticeHeader, told.Header.CommandId);
        if (_options.Secret.Length > 0)
        {
            request.Headers.Add(WebhookBody.SignatureHeader, WebhookBody.Signature(body, _options.Secret));
        }

        try
        {
            using var response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : $"answered {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"cannot be reached: {e.HttpRequestError}";
        }
        catch (TaskCanceledException)
        {
            return $"did not answer within {_options.Timeout.TotalSeconds} s";
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
