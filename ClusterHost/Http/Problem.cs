using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Http;

/// <summary>An error as RFC 9457 problem details; where one thing is wrong, it names field, value and rule.</summary>
public sealed record Problem(int Status, string Title, string Detail)
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

    public static Problem TooLarge(long? bytes, long max) =>
        Because(
            StatusCodes.Status413PayloadTooLarge,
            "body",
            bytes is { } length ? $"{length} bytes" : "",
            $"must be at most {max:N0} bytes"
        );

    /// <summary>Null: the request came to an endpoint, whatever that answered.</summary>
    public static Problem? OfRoute(HttpContext context) =>
        context.Response.HasStarted || context.Response.ContentType is not null
            ? null
            : context.Response.StatusCode switch
            {
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
                _ => null,
            };

    public Task Write(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = $"{RetryAfter}";
        }

        var body = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = "about:blank",
            ["title"] = Title,
            ["status"] = Status,
            ["detail"] = Detail,
        };
        if (Field is not null)
        {
            body["field"] = Field;
            body["value"] = Value;
            body["rule"] = Rule;
        }

        return context.Response.WriteAsJsonAsync(
            body,
            options: null,
            contentType: "application/problem+json",
            context.RequestAborted
        );
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
