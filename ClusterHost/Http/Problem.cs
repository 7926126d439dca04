using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Http;

/// <summary>An error as RFC 9457 problem details; where one thing is wrong, it names field, value and rule.</summary>
public sealed record Problem(int Status, string Title, string Detail) : IResult
{
    /// <summary>When to come back, in seconds.</summary>
    public int RetryAfter { get; init; } = 1;

    public string? Field { get; init; }

    public string? Value { get; init; }

    public string? Rule { get; init; }

    public static Problem Of(Rejection rejection) =>
        Because(StatusOf(rejection.Code), rejection.Field, rejection.Value, rejection.Rule);

    public static Problem Invalid(string field, string value, string rule) =>
        Because(StatusCodes.Status400BadRequest, field, value, rule);

    public static Problem NotFound(NotFoundReply reply) =>
        Because(StatusCodes.Status404NotFound, reply.Region, reply.EntityId, "does not exist");

    /// <summary>Not known whether it happened: the same command id makes a repetition harmless.</summary>
    public static Problem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, "Not available now", detail);

    /// <summary>The journal of this one entity cannot be read; others are not concerned.</summary>
    public static Problem Unreadable(UnreadableEntity entity)
    {
        var pause = entity.NextTryAt.ToDateTimeOffset() - TimeProvider.System.GetUtcNow();
        return new(
            StatusCodes.Status503ServiceUnavailable,
            "Cannot be read",
            $"{entity.Region} \"{entity.EntityId}\" cannot be read from the journal: {entity.Reason}"
        )
        {
            RetryAfter = Math.Max(1, (int)Math.Ceiling(pause.TotalSeconds)),
            Field = entity.Region,
            Value = entity.EntityId,
            Rule = "must be readable from the journal",
        };
    }

    public static Problem TooMuch(string detail) =>
        new(StatusCodes.Status429TooManyRequests, "Too much in flight", detail);

    /// <summary>What a status means that was set without a word.</summary>
    public static Problem OfStatus(HttpContext context) =>
        context.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized => new Problem(
                StatusCodes.Status401Unauthorized,
                "Not authenticated",
                "give the API key as X-Api-Key, as bearer token, or as basic authentication's password"
            ),
            StatusCodes.Status404NotFound => Because(
                StatusCodes.Status404NotFound,
                "path",
                context.Request.Path.Value ?? "",
                "is no endpoint; /openapi/v1.json lists them"
            ),
            StatusCodes.Status405MethodNotAllowed => Because(
                StatusCodes.Status405MethodNotAllowed,
                "method",
                context.Request.Method,
                $"must be {context.Response.Headers.Allow}"
            ),
            var status => new Problem(status, TitleOf(status), ReasonPhrases.GetReasonPhrase(status)),
        };

    /// <summary>A body that is too large or breaks off, or anything unforeseen: without a word about our insides.</summary>
    public static Problem OfException(HttpContext context, long maxBodyBytes, ILogger log)
    {
        switch (context.Features.Get<IExceptionHandlerFeature>()!.Error)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Because(
                    StatusCodes.Status413PayloadTooLarge,
                    "body",
                    context.Request.ContentLength is { } length ? $"{length} bytes" : "",
                    $"must be at most {maxBodyBytes:N0} bytes"
                );
            case BadHttpRequestException bad:
                return new Problem(bad.StatusCode, TitleOf(bad.StatusCode), bad.Message);
            case var unforeseen:
                log.LogError(unforeseen, "Request failed, reference {Reference}", context.TraceIdentifier);
                return new Problem(
                    StatusCodes.Status500InternalServerError,
                    "Failed",
                    $"look for {context.TraceIdentifier} in the log"
                );
        }
    }

    /// <summary>Whatever form the sender has asked for, what is wrong is said as JSON.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = $"{RetryAfter}";
        }

        return TypedResults
            .Json(Body(), contentType: "application/problem+json", statusCode: Status)
            .ExecuteAsync(httpContext);
    }

    /// <summary>By name, as they have always come.</summary>
    public SortedDictionary<string, object> Body()
    {
        var body = new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["type"] = "about:blank",
            ["title"] = Title,
            ["status"] = Status,
            ["detail"] = Detail,
        };
        if (Field is not null)
        {
            (body["field"], body["value"], body["rule"]) = (Field, Value ?? "", Rule ?? "");
        }

        return body;
    }

    private static Problem Because(int status, string field, string value, string rule) =>
        new(status, TitleOf(status), $"{field} \"{value}\" {rule}")
        {
            Field = field,
            Value = value,
            Rule = rule,
        };

    private static int StatusOf(RejectionCode code) =>
        code switch
        {
            RejectionCode.NotFound => StatusCodes.Status404NotFound,
            RejectionCode.Conflict => StatusCodes.Status409Conflict,
            RejectionCode.Overloaded => StatusCodes.Status429TooManyRequests,
            RejectionCode.NotAvailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status400BadRequest,
        };

    private static string TitleOf(int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => "Not found",
            StatusCodes.Status405MethodNotAllowed => "Not allowed",
            StatusCodes.Status413PayloadTooLarge => "Too large",
            StatusCodes.Status409Conflict => "Not allowed in this state",
            StatusCodes.Status429TooManyRequests => "Too much in flight",
            StatusCodes.Status503ServiceUnavailable => "Not available now",
            _ => "Not valid",
        };
}
