using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace RalmActors.ClusterHost.Http;

/// <summary>The OpenAPI 3.1 description of the doors, drawn from the same descriptors that parse and format bodies.</summary>
public static partial class OpenApiDocument
{
    public static JsonObject Of(IReadOnlyCollection<Door> doors)
    {
        var schemas = new ProtobufSchemas();
        var paths = new JsonObject();
        foreach (var door in doors)
        {
            var path = paths[door.Route] as JsonObject ?? [];
            path[door.Method.ToLowerInvariant()] = Operation(door, schemas);
            paths[door.Route] ??= path;
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

    private static JsonObject Operation(Door door, ProtobufSchemas schemas)
    {
        var inRoute = RouteParameter().Matches(door.Route).Select(m => m.Groups["name"].Value).ToArray();
        var isQuery = HttpMethods.IsGet(door.Method);
        var parameters = new JsonArray();
        foreach (var field in door.Request.Fields.InDeclarationOrder())
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
            ["operationId"] = $"{door.Request.Name}{door.Rendering?.Name}",
            ["tags"] = new JsonArray(door.Route.Split('/')[2]),
            ["parameters"] = parameters,
            ["responses"] = new JsonObject
            {
                ["200"] = door.Rendering is { } rendering
                    ? Content("The answer", new JsonObject { ["type"] = "string" }, rendering.MediaType)
                    : Content("The answer", schemas.Reference(door.Reply), "application/json"),
                ["default"] = Content("What is wrong", ProblemSchema(), "application/problem+json"),
            },
        };
        if (!isQuery)
        {
            operation["requestBody"] = Content("The message", schemas.Reference(door.Request), "application/json");
        }

        return operation;
    }

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
