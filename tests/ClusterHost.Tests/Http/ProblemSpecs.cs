using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RalmActors.ClusterHost.Http;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>What is answered where no endpoint has answered.</summary>
public sealed class ProblemSpecs : IAsyncLifetime
{
    private const int MaxBodyBytes = 100;

    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    public ProblemSpecs()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
        _app = builder.Build();
        _app.UseProblems(MaxBodyBytes);
        _app.MapGet("/fails", IResult () => throw new InvalidOperationException("our insides"));
        _app.MapGet("/silent", () => Results.StatusCode(StatusCodes.Status415UnsupportedMediaType));
        _app.MapPost("/reads", (HttpRequest request) => new StreamReader(request.Body).ReadToEndAsync());
    }

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task What_is_unforeseen_is_a_reference_to_the_log_and_no_word_more()
    {
        var body = await Problem(new(HttpMethod.Get, At("/fails")), HttpStatusCode.InternalServerError);

        Assert.Equal(["detail", "status", "title", "type"], Names(body));
        Assert.Matches("^look for [0-9A-Z]+:[0-9A-F]+ in the log$", body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_body_that_does_not_say_how_long_it_is_has_the_same_limit()
    {
        using var content = new StringContent(new string('x', MaxBodyBytes + 1));
        using var request = new HttpRequestMessage(HttpMethod.Post, At("/reads")) { Content = content };
        request.Headers.TransferEncodingChunked = true;

        var body = await Problem(request, HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal(["detail", "field", "rule", "status", "title", "type", "value"], Names(body));
        Assert.Equal("must be at most 100 bytes", body.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_status_without_a_word_is_told_with_its_name()
    {
        var body = await Problem(new(HttpMethod.Get, At("/silent")), HttpStatusCode.UnsupportedMediaType);

        Assert.Equal("Unsupported Media Type", body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Who_asks_for_a_table_is_told_what_is_wrong_as_json()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At("/no/such/endpoint"));
        request.Headers.Accept.ParseAdd("text/csv");

        Assert.Equal("path", (await Problem(request, HttpStatusCode.NotFound)).GetProperty("field").GetString());
    }

    private static Uri At(string path) => new(path, UriKind.Relative);

    private static string[] Names(JsonElement body) =>
        [.. body.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];

    private async Task<JsonElement> Problem(HttpRequestMessage request, HttpStatusCode status)
    {
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(text).RootElement;
        Assert.Equal((int)status, body.GetProperty("status").GetInt32());
        Assert.Equal("about:blank", body.GetProperty("type").GetString());
        return body;
    }
}
