using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ralm.Datasets.Descriptions;

/// <summary>A choice by its word, such as <c>min_max</c>. Another word is refused with those there are.</summary>
internal sealed class ChoiceConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<string, T> ByWord = Enum.GetValues<T>()
        .ToFrozenDictionary(Word, StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return ByWord.TryGetValue($"{value.RootElement}", out var choice)
            ? choice
            : throw new UnknownChoiceException($"{value.RootElement}", ByWord.Keys);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Word(value));

    internal static string Word(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{value}");
}

/// <summary>A word that is none of the choices; the path of its place is known to whoever catches it.</summary>
internal sealed class UnknownChoiceException(string word, IEnumerable<string> words)
    : JsonException($"\"{word}\" must be one of {string.Join(", ", words.Order(StringComparer.Ordinal))}");
