using Google.Protobuf.WellKnownTypes;
using RalmActors.ClusterHost.Exports;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>
/// Series of any length in one answer: the collector is asked page by page, and each is written before the next is asked for, so
/// that no more than a page is in memory. What fails on the way breaks off the connection: half an export is not a whole one.
/// </summary>
/// <param name="single">Asks for a page.</param>
public sealed class ExportHandler(EndpointHandler single)
{
    public Task Handle(RestEndpoint endpoint, HttpContext context) =>
        EndpointHandler.AnswerOrSay(() => Answer(endpoint, context), context);

    private async Task<Problem?> Answer(RestEndpoint endpoint, HttpContext context)
    {
        var (form, ct) = (endpoint.Export!, context.RequestAborted);
        var request = await RequestReader.Read(endpoint, context);
        if (request.Problem is { } unreadable)
        {
            return unreadable;
        }

        var asked = (GetManySeries)request.Message!;
        var (reply, problem) = await single.Ask(endpoint, asked, ct);
        if (problem is not null)
        {
            return problem;
        }

        var first = (ManySeriesReply)reply!;
        context.Response.ContentType = $"{form.MediaType}; charset=utf-8";
        await context.Response.WriteAsync(form.Head(first), ct);
        string[] names = [.. first.Series.Select(s => s.Metric)];
        // What is new since the first page has no column.
        var isWhole = form.OneByOne
            ? await InTurn(endpoint, asked, names, context)
            : await Pages(endpoint, Of(asked, names), first, context);
        if (!isWhole)
        {
            context.Abort();
            return null;
        }

        await context.Response.WriteAsync(form.Tail, ct);
        return null;
    }

    private async Task<bool> InTurn(RestEndpoint endpoint, GetManySeries asked, string[] names, HttpContext context)
    {
        // Series of one name and other labels belong together.
        var family = "";
        foreach (var name in names.OrderBy(FamilyOf, StringComparer.Ordinal))
        {
            var one = Of(asked, [name]);
            var (reply, _) = await single.Ask(endpoint, one, context.RequestAborted);
            if (
                reply is not ManySeriesReply first
                || !await Pages(endpoint, one, first, context, isFirst: FamilyOf(name) != family)
            )
            {
                return false;
            }

            family = FamilyOf(name);
        }

        return true;
    }

    private async Task<bool> Pages(
        RestEndpoint endpoint,
        GetManySeries asked,
        ManySeriesReply first,
        HttpContext context,
        bool isFirst = true
    )
    {
        for (IWireMessage? reply = first; reply is ManySeriesReply page; isFirst = false)
        {
            await context.Response.WriteAsync(endpoint.Export!.Page(page, isFirst), context.RequestAborted);
            if (page.NextFromUnixMs == 0)
            {
                return true;
            }

            asked.From = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(page.NextFromUnixMs));
            (reply, _) = await single.Ask(endpoint, asked, context.RequestAborted);
        }

        return false;
    }

    private static GetManySeries Of(GetManySeries asked, string[] names)
    {
        var same = asked.Clone();
        same.Metrics.Clear();
        same.Metrics.Add(names);
        return same;
    }

    private static string FamilyOf(string metric) => metric.Split('{')[0];
}
