using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace RalmActors.ClusterHost.Http;

/// <summary>The OpenAPI 3.1 description of the endpoints, drawn from the same descriptors that parse and format bodies.</summary>
public static partial class OpenApiDocument
{
    public static JsonObject Of(IReadOnlyCollection<RestEndpoint> endpoints)
    {
        var schemas = new ProtobufSchemas();
        var paths = new JsonObject();
        foreach (var endpoint in endpoints)
        {
            var path = paths[endpoint.Route] as JsonObject ?? [];
            path[endpoint.Method.ToLowerInvariant()] = Operation(endpoint, schemas);
            paths[endpoint.Route] ??= path;
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "RalmActors", ["version"] = "1" },
            ["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.ToJson(),
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject
                    {
                        ["type"] = "apiKey",
                        ["in"] = "header",
                        ["name"] = "X-Api-Key",
                    },
                },
            },
        };
    }

    private static JsonObject Operation(RestEndpoint endpoint, ProtobufSchemas schemas)
    {
        var inRoute = RouteParameter().Matches(endpoint.Route).Select(m => m.Groups["name"].Value).ToArray();
        var isQuery = HttpMethods.IsGet(endpoint.Method);
        var parameters = new JsonArray();
        foreach (var field in endpoint.Request.Fields.InDeclarationOrder())
        {
            var routed = inRoute.Contains(field.Name, StringComparer.Ordinal);
            if (routed || isQuery)
            {
                parameters.Add(
                    new JsonObject
                    {
                        ["name"] = field.Name,
                        ["in"] = routed ? "path" : "query",
                        ["required"] = routed,
                        ["schema"] = schemas.Of(field),
                    }
                );
            }
        }

        var operation = new JsonObject
        {
            ["operationId"] = endpoint.OperationId,
            ["tags"] = new JsonArray(endpoint.Route.Split('/')[2]),
            ["parameters"] = parameters,
            ["responses"] = new JsonObject
            {
                ["200"] =
                    (endpoint.Rendering?.MediaType ?? endpoint.Export?.MediaType) is { } mediaType
                        ? Content("The answer", new JsonObject { ["type"] = "string" }, mediaType)
                    : endpoint.IsBulk
                        ? Content(
                            "An answer each, in order",
                            Many(schemas.Reference(endpoint.Reply)),
                            "application/json"
                        )
                    : Content("The answer", schemas.Reference(endpoint.Reply), "application/json"),
                ["default"] = Content("What is wrong", ProblemSchema(), "application/problem+json"),
            },
        };
        if (!isQuery)
        {
            var message = schemas.Reference(endpoint.Request);
            operation["requestBody"] = endpoint.IsBulk
                ? Content("The messages; as application/x-ndjson a line each", Many(message), "application/json")
                : Content("The message", message, "application/json");
        }

        return operation;
    }

    private static JsonObject Many(JsonObject schema) => new() { ["type"] = "array", ["items"] = schema };

    private static JsonObject Content(string description, JsonObject schema, string mediaType) =>
        new()
        {
            ["description"] = description,
            ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = schema } },
        };

    private static JsonObject ProblemSchema()
    {
        var properties = new JsonObject { ["status"] = new JsonObject { ["type"] = "integer" } };
        foreach (var name in new[] { "type", "title", "detail", "field", "value", "rule" })
        {
            properties[name] = new JsonObject { ["type"] = "string" };
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties };
    }

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RouteParameter();
}
