using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>
/// Many messages in one request: each is read, asked and answered as if it had come alone, in their order, so many at a time. A row that
/// is refused keeps no other from being taken; what is repeated with the same command ids is done once.
/// </summary>
/// <param name="single">Asks as for one message.</param>
public sealed class BulkHandler(EndpointHandler single)
{
    /// <summary>Asked and not answered: as many as one request may keep a node busy with.</summary>
    private const int AtOnce = 256;

    public Task Handle(RestEndpoint endpoint, HttpContext context) =>
        EndpointHandler.AnswerOrSay(() => Answer(endpoint, context), context);

    private async Task<Problem?> Answer(RestEndpoint endpoint, HttpContext context)
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
            asked.Enqueue(wrong is null ? Ask(endpoint, row, text!, ct) : Task.FromResult(Of(row, wrong)));
            return row <= BulkRows.MaxRows;
        }
    }

    private async Task<string> Ask(RestEndpoint endpoint, int row, string text, CancellationToken ct)
    {
        var request = RequestReader.Parse(endpoint, text);
        var (reply, problem) = request.Message is { } message
            ? await single.Ask(endpoint, message, ct)
            : (null, request.Problem);
        return reply is null ? Of(row, problem!) : Of(row, reply);
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
