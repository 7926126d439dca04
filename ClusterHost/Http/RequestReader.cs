using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Ralm.Datasets.Descriptions;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>What a request was read as: the message, or what is wrong with it.</summary>
public readonly record struct ReadRequest(IWireMessage? Message, Problem? Problem)
{
    public static implicit operator ReadRequest(Problem problem) => new(null, problem);
}

/// <summary>Turns a request into its message: the body, the parameters of route and query, the idempotency key.</summary>
public static class RequestReader
{
    private const string IdempotencyKey = "Idempotency-Key";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly System.Text.Json.JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithRecursionLimit(32));

    public static async Task<ReadRequest> Read(RestEndpoint endpoint, HttpContext context)
    {
        JsonObject json;
        try
        {
            if (await ReadBody(context) is not JsonObject body)
            {
                return Problem.Invalid("body", "", "must be a JSON object of content type application/json, in UTF-8");
            }

            if (BodyFaults.Twice(body) is { } twice)
            {
                return twice;
            }

            json = body;
        }
        catch (DecoderFallbackException)
        {
            return Problem.Invalid("body", "", "must be UTF-8");
        }
        catch (System.Text.Json.JsonException e)
        {
            return Problem.Invalid("body", "", $"must be a JSON object with each name once; it {JsonFault.Of(e)}");
        }

        if (PutParameters(endpoint, context, json) is { } clash)
        {
            return clash;
        }

        return PutCommandId(endpoint, context, json) is { } twoKeys ? twoKeys : ToMessage(endpoint, json);
    }

    /// <summary>One of many: all of it stands in its body.</summary>
    public static ReadRequest Parse(RestEndpoint endpoint, string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict) is not JsonObject body
                    ? Problem.Invalid("body", "", "must be a JSON object")
                : BodyFaults.Twice(body) is { } twice ? twice
                : ToMessage(endpoint, body);
        }
        catch (System.Text.Json.JsonException e)
        {
            return Problem.Invalid("body", "", $"must be a JSON object with each name once; it {JsonFault.Of(e)}");
        }
    }

    private static ReadRequest ToMessage(RestEndpoint endpoint, JsonObject json)
    {
        try
        {
            var message = (IWireMessage)Parser.Parse(json.ToJsonString(), endpoint.Request);
            return CheckId(endpoint, message) is { } badId ? badId : new ReadRequest(message, null);
        }
        catch (Exception e)
            when (e
                    is InvalidProtocolBufferException
                        or InvalidJsonException
                        or FormatException
                        or OverflowException
                        // Half of a character, which no text may hold.
                        or InvalidOperationException
            )
        {
            return BodyFaults.Locate(json, endpoint.Request, Parser)
                ?? Problem.Invalid("body", "", $"must be a {endpoint.Request.Name}: {e.Message}");
        }
    }

    private static async Task<JsonNode?> ReadBody(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            return new JsonObject();
        }

        if (
            !context.Request.HasJsonContentType()
            || !IsUtf8(context.Request.GetTypedHeaders().ContentType?.Charset.Value)
        )
        {
            return null;
        }

        using var reader = new StreamReader(context.Request.Body, Utf8, detectEncodingFromByteOrderMarks: false);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text.TrimStart('\uFEFF'), documentOptions: Strict);
    }

    private static bool IsUtf8(string? charset) =>
        charset is null or "" || charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static Problem? PutParameters(RestEndpoint endpoint, HttpContext context, JsonObject json)
    {
        // An escaped slash is the one character routing leaves escaped; ids may hold it.
        var route = context.Request.RouteValues.Select(v =>
            (v.Key, Value: $"{v.Value}".Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))
        );
        var query = HttpMethods.IsGet(context.Request.Method)
            ? context.Request.Query.Select(v => (v.Key, Value: v.Value.ToString()))
            : [];
        foreach (var (name, value) in route.Concat(query))
        {
            if (endpoint.Request.FindFieldByName(name) is not { } field)
            {
                return Problem.Invalid(name, value, $"is not a parameter of {endpoint.Request.Name}");
            }

            if (field.IsRepeated)
            {
                // Said once for each.
                json[name] = new JsonArray([.. context.Request.Query[name].Select(v => (JsonNode?)v)]);
                continue;
            }

            var written = json[name] ?? json[field.JsonName];
            if (written is not null && written.ToString() is { Length: > 0 } other && other != value)
            {
                return Problem.Invalid(name, other, $"must equal the address's \"{value}\"");
            }

            if (!IsReadable(field, value))
            {
                return Problem.Invalid(name, value, "must be a whole number");
            }

            json.Remove(field.JsonName);
            json[name] = value;
        }

        return null;
    }

    /// <summary>A parameter has no body to be wrong in: it is named itself.</summary>
    private static bool IsReadable(FieldDescriptor field, string value) =>
        field.FieldType is not (FieldType.Int32 or FieldType.Int64)
        || (
            long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (field.FieldType == FieldType.Int64 || number is >= int.MinValue and <= int.MaxValue)
        );

    private static Problem? PutCommandId(RestEndpoint endpoint, HttpContext context, JsonObject json)
    {
        if (
            context.Request.Headers[IdempotencyKey] is not [{ Length: > 0 } key]
            || endpoint.Request.FindFieldByName("header") is null
        )
        {
            return null;
        }

        var header = json["header"] as JsonObject ?? [];
        json["header"] = header.Parent is null ? header : json["header"];
        var written = header["command_id"] ?? header["commandId"];
        if (written is not null && written.ToString() != key)
        {
            return Problem.Invalid(
                "header.command_id",
                written.ToString(),
                $"must equal the {IdempotencyKey} \"{key}\""
            );
        }

        header.Remove("commandId");
        header["command_id"] = key;
        return null;
    }

    /// <summary>A message whose ids are not valid cannot be routed, so nobody but the endpoint could refuse it.</summary>
    private static Problem? CheckId(RestEndpoint endpoint, IWireMessage message)
    {
        if (
            message is ICommand command
            && Ids.Check("header.command_id", command.Header?.CommandId ?? "") is { } noCommandId
        )
        {
            return Problem.Of(noCommandId);
        }

        if (message is ICommand { Header.AsSent: not null })
        {
            return Problem.Invalid("header.as_sent", "", "must be left out");
        }

        if (!endpoint.NeedsId)
        {
            return null;
        }

        var id = endpoint.Request.Fields.InDeclarationOrder().First(f => f.FieldType == FieldType.String);
        return Ids.Check(id.Name, (string)id.Accessor.GetValue(message)) is { } badId ? Problem.Of(badId) : null;
    }
}
