using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace RalmActors.ClusterHost.Http;

/// <summary>JSON schemas of messages in the protobuf JSON mapping, collected as they are referred to.</summary>
public sealed class ProtobufSchemas
{
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    public JsonObject ToJson() => new(_schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));

    public JsonObject Reference(MessageDescriptor message)
    {
        if (!_schemas.ContainsKey(message.FullName))
        {
            var properties = new JsonObject();
            _schemas[message.FullName] = new JsonObject { ["type"] = "object", ["properties"] = properties };
            foreach (var field in message.Fields.InDeclarationOrder())
            {
                properties[field.Name] = Of(field);
            }
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{message.FullName}" };
    }

    public JsonObject Of(FieldDescriptor field) =>
        field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = One(field) } : One(field);

    private JsonObject One(FieldDescriptor field) =>
        field.FieldType switch
        {
            FieldType.Message when field.MessageType.FullName == "google.protobuf.Timestamp" => Text("date-time"),
            FieldType.Message => Reference(field.MessageType),
            FieldType.Enum => new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. field.EnumType.Values.Select(v => (JsonNode)v.Name)]),
            },
            FieldType.String => new JsonObject { ["type"] = "string" },
            FieldType.Bytes => Text("byte"),
            FieldType.Bool => new JsonObject { ["type"] = "boolean" },
            FieldType.Double or FieldType.Float => new JsonObject { ["type"] = "number" },
            // 64-bit integers are strings in this mapping: JSON numbers lose their last digits.
            FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64 => Text(
                "int64"
            ),
            _ => new JsonObject { ["type"] = "integer" },
        };

    private static JsonObject Text(string format) => new() { ["type"] = "string", ["format"] = format };
}
