using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http.Features;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>
/// Many messages in one request: each is read, asked and answered as if it had come alone, in their order, so many at a time. A row that
/// is refused keeps no other from being taken; what is repeated with the same command ids is done once.
/// </summary>
public sealed class BulkHandler(IReadOnlyActorRegistry registry, RalmSettings settings)
{
    /// <summary>Asked and not answered: as many as one request may keep a node busy with.</summary>
    private const int AtOnce = 256;

    public async Task Handle(RestEndpoint endpoint, HttpContext context)
    {
        var problem = registry.TryGet(endpoint.Region, out var region)
            ? await Answer(endpoint, region, context)
            : Problem.Unavailable($"this node does not know the way to {endpoint.Region.Name}");
        if (problem is not null)
        {
            await problem.ExecuteAsync(context);
        }
    }

    private async Task<Problem?> Answer(RestEndpoint endpoint, IActorRef region, HttpContext context)
    {
        var ct = context.RequestAborted;
        var areLines = BulkRows.AreLines(context.Request);
        var answers = new List<string>();
        var asked = new Queue<Task<string>>();
        var count = 0;
        if (areLines)
        {
            // Rows are read one by one: how many they are is bounded, not the bytes of all.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            await foreach (var (text, wrong) in BulkRows.Lines(context.Request.BodyReader, ct))
            {
                if (!await Take(text, wrong))
                {
                    break;
                }
            }
        }
        else if (!context.Request.HasJsonContentType())
        {
            return BulkRows.NoRows();
        }
        else
        {
            var (rows, wrong) = await BulkRows.Elements(context.Request, ct);
            if (wrong is not null)
            {
                return wrong;
            }

            foreach (var row in rows)
            {
                if (!await Take(row, null))
                {
                    break;
                }
            }
        }

        while (asked.TryDequeue(out var last))
        {
            answers.Add(await last);
        }

        context.Response.ContentType = areLines ? "application/x-ndjson" : "application/json";
        await context.Response.WriteAsync(
            areLines ? string.Concat(answers.Select(a => a + "\n")) : $"[{string.Join(',', answers)}]",
            ct
        );
        return null;

        // False: there are too many.
        async Task<bool> Take(string? text, Problem? wrong)
        {
            if (asked.Count == AtOnce)
            {
                answers.Add(await asked.Dequeue());
            }

            var row = ++count;
            wrong = row > BulkRows.MaxRows ? BulkRows.TooMany : wrong;
            asked.Enqueue(wrong is null ? Ask(endpoint, region, row, text!, ct) : Task.FromResult(Of(row, wrong)));
            return row <= BulkRows.MaxRows;
        }
    }

    private async Task<string> Ask(RestEndpoint endpoint, IActorRef region, int row, string text, CancellationToken ct)
    {
        var request = RequestReader.Parse(endpoint, text);
        if (request.Problem is { } unreadable)
        {
            return Of(row, unreadable);
        }

        endpoint.Defaults?.Invoke(request.Message!, settings);
        var answer = await region.AskFor<IWireMessage>(request.Message!, settings.Http.AskTimeout, ct);
        return EndpointHandler.ProblemOf(answer) is { } problem ? Of(row, problem) : Of(row, answer.ReplyOrThrow);
    }

    private static string Of(int row, Problem problem)
    {
        var body = problem.Body();
        body["row"] = row;
        return JsonSerializer.Serialize(body);
    }

    private static string Of(int row, IWireMessage reply)
    {
        var body = (JsonObject)JsonNode.Parse(EndpointHandler.Formatter.Format(reply))!;
        (body["row"], body["status"]) = (row, StatusCodes.Status200OK);
        return body.ToJsonString();
    }
}
