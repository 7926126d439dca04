using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using RalmActors.ClusterHost.Http;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>Sends each message through its REST operation, as a matching service elsewhere would.</summary>
/// <param name="http">Its base address is the edge's; the API key is among its default headers.</param>
public sealed partial class RestTransport(HttpClient http) : IServiceTransport, IDisposable
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)
    );

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private static readonly Dictionary<string, RestEndpoint> ByRequest = Endpoints
        .All.Where(d => d.Rendering is null && d.Export is null && !d.IsBulk)
        .ToDictionary(d => d.Request.FullName);

    /// <param name="attempt">How long one request may take; longer than the edge waits for its entities.</param>
    public static RestTransport To(Uri edge, string apiKey, TimeSpan attempt)
    {
        var http = new HttpClient { BaseAddress = edge, Timeout = attempt };
        http.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
        return new RestTransport(http);
    }

    public async Task<Answer<IWireMessage>> Send(Type region, IWireMessage message, CancellationToken ct)
    {
        var endpoint = ByRequest[message.Descriptor.FullName];
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), Address(endpoint, message));
        if (request.Method != HttpMethod.Get)
        {
            request.Content = new StringContent(Formatter.Format(message), Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await http.SendAsync(request, ct);
            return Read(endpoint, response.StatusCode, await response.Content.ReadAsStringAsync(ct));
        }
        catch (HttpRequestException e)
        {
            return new Answer<IWireMessage>.Unavailable(e.Message);
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Answer<IWireMessage>.Unavailable($"no answer within {http.Timeout.TotalSeconds} s");
        }
    }

    public void Dispose() => http.Dispose();

    private static string Address(RestEndpoint endpoint, IWireMessage message) =>
        RouteParameter()
            .Replace(
                endpoint.Route,
                m =>
                    Uri.EscapeDataString(
                        $"{endpoint.Request.FindFieldByName(m.Groups["field"].Value).Accessor.GetValue(message)}"
                    )
            );

    private static Answer<IWireMessage> Read(RestEndpoint endpoint, HttpStatusCode status, string body) =>
        status switch
        {
            HttpStatusCode.OK => new Answer<IWireMessage>.Given((IWireMessage)Parser.Parse(body, endpoint.Reply)),
            HttpStatusCode.BadRequest => Refused(RejectionCode.Invalid, body),
            HttpStatusCode.NotFound => Refused(RejectionCode.NotFound, body),
            HttpStatusCode.Conflict => Refused(RejectionCode.Conflict, body),
            HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => new Answer<IWireMessage>.Unavailable($"{(int)status}: {body}"),
            _ => throw new InvalidOperationException(
                $"{endpoint.Method} {endpoint.Route} answered {(int)status}: {body}"
            ),
        };

    private static Answer<IWireMessage>.Refused Refused(RejectionCode code, string body)
    {
        var problem = JsonNode.Parse(body)!;
        return new Answer<IWireMessage>.Refused(
            new Rejection
            {
                Code = code,
                Field = $"{problem["field"]}",
                Value = $"{problem["value"]}",
                Rule = $"{problem["rule"] ?? problem["detail"]}",
            }
        );
    }

    [GeneratedRegex(@"\{(?<field>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RouteParameter();
}
