using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RalmActors.ClusterHost.Http;

/// <summary>Where in a body it is wrong: the field by its path, its value and the rule.</summary>
internal static class BodyFaults
{
    private const int MaxValueLength = 64;

    /// <summary>A field may be written as command_id or as commandId, but once.</summary>
    public static Problem? Twice(JsonNode? node, string path = "")
    {
        switch (node)
        {
            case JsonObject json:
                if (TwiceIn(json, path) is { } here)
                {
                    return here;
                }

                foreach (var (name, value) in json)
                {
                    if (value is JsonObject or JsonArray && Twice(value, $"{path}{name}.") is { } deeper)
                    {
                        return deeper;
                    }
                }

                return null;
            case JsonArray list:
                return list.Select((item, k) => Twice(item, $"{path.TrimEnd('.')}[{k}]."))
                    .FirstOrDefault(p => p is not null);
            default:
                return null;
        }
    }

    /// <summary>Most objects have names in one form alone: nothing is written for them.</summary>
    private static Problem? TwiceIn(JsonObject json, string path)
    {
        if (!json.Any(f => f.Key.Contains('_')) || !json.Any(f => f.Key.Any(char.IsAsciiLetterUpper)))
        {
            return null;
        }

        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in json)
        {
            if (!seen.TryAdd(Camel(name), name))
            {
                return Problem.Invalid(path + name, Text(value), $"comes as {seen[Camel(name)]} too: name it once");
            }
        }

        return null;
    }

    /// <summary>The first field that cannot be read; null: the fault is in none alone.</summary>
    public static Problem? Locate(JsonObject json, MessageDescriptor type, JsonParser parser, string path = "")
    {
        foreach (var (name, value) in json)
        {
            if (
                type.Fields.InDeclarationOrder().FirstOrDefault(f => f.Name == name || f.JsonName == name)
                is not { } field
            )
            {
                return Problem.Invalid(path + name, Text(value), $"is not a field of {type.Name}");
            }

            if (Fault(new JsonObject { [name] = value?.DeepClone() }, type, parser) is not { } cause)
            {
                continue;
            }

            var at = path + name;
            var inner = field is { FieldType: FieldType.Message, IsMap: false } ? field.MessageType : null;
            return (inner, value) switch
                {
                    (not null, JsonObject part) => Locate(part, inner, parser, $"{at}."),
                    (_, JsonArray list) when field.IsRepeated => list.Select(
                            (item, k) => OfItem(item, field, parser, $"{at}[{k}]")
                        )
                        .FirstOrDefault(p => p is not null),
                    _ => null,
                } ?? Problem.Invalid(at, Text(value), Rule(field, field.IsRepeated, cause));
        }

        return null;
    }

    /// <summary>Of a list one item; null: it can be read.</summary>
    private static Problem? OfItem(JsonNode? item, FieldDescriptor field, JsonParser parser, string at)
    {
        var alone = new JsonObject { [field.Name] = new JsonArray(item?.DeepClone()) };
        if (Fault(alone, field.ContainingType, parser) is not { } cause)
        {
            return null;
        }

        return (
                item is JsonObject part && field.FieldType == FieldType.Message
                    ? Locate(part, field.MessageType, parser, $"{at}.")
                    : null
            ) ?? Problem.Invalid(at, Text(item), Rule(field, isList: false, cause));
    }

    private static string Rule(FieldDescriptor field, bool isList, string cause)
    {
        var rule = isList ? $"must be a list, each {Kind(field)}" : $"must be {Kind(field)}";
        return cause.Contains("for oneof", StringComparison.Ordinal)
            && field.MessageType.Oneofs.FirstOrDefault(o => !o.IsSynthetic) is { } one
                ? $"must have one of {string.Join(", ", one.Fields.Select(f => f.Name))}, not several"
            // What a time or a duration looks like only its reader can tell.
            : field is { FieldType: FieldType.Message, MessageType.File.Package: "google.protobuf" }
                ? $"{rule}: {cause}"
            : rule;
    }

    private static string? Fault(JsonObject json, MessageDescriptor type, JsonParser parser)
    {
        try
        {
            parser.Parse(json.ToJsonString(), type);
            return null;
        }
        catch (Exception e)
            when (e
                    is InvalidProtocolBufferException
                        or InvalidJsonException
                        or FormatException
                        or OverflowException
                        or InvalidOperationException
            )
        {
            return e.Message;
        }
    }

    private static string Kind(FieldDescriptor field) =>
        field.FieldType switch
        {
            FieldType.Bool => "true or false",
            FieldType.String => "a text",
            FieldType.Bytes => "base64",
            FieldType.Double or FieldType.Float => "a number",
            FieldType.Enum => "one of " + string.Join(", ", field.EnumType.Values.Skip(1).Select(v => v.Name)),
            FieldType.Message => $"a {field.MessageType.Name}",
            _ => "a whole number",
        };

    private static string Text(JsonNode? value)
    {
        string text;
        try
        {
            text = value?.ToJsonString() ?? "null";
        }
        catch (InvalidOperationException)
        {
            // Half of a character.
            return "";
        }

        return text.Length <= MaxValueLength ? text.Trim('"') : text[..MaxValueLength] + "...";
    }

    private static string Camel(string name)
    {
        var parts = name.Split('_');
        return string.Concat(
            parts.Select((p, k) => k == 0 || p.Length == 0 ? p : char.ToUpperInvariant(p[0]) + p[1..])
        );
    }
}
