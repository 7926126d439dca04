using System.Collections.Immutable;
using System.Text.Json;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;

namespace Ralm.Datasets.Descriptions;

/// <summary>
/// What a user writes about a stream: one table, whose rows are nobody's and come one after another. Keys mean what they
/// mean in a <see cref="DatasetDescription"/>.
/// </summary>
public sealed record StreamDescription
{
    public required string Name { get; init; }

    public required RowTable Rows { get; init; }

    /// <summary>Cells that mean "missing", beside the empty one.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <exception cref="FormatException">Not JSON, an unknown key, or a broken rule; the message names it.</exception>
    public static StreamDescription Parse(string json)
    {
        StreamDescription description;
        try
        {
            description =
                JsonSerializer.Deserialize<StreamDescription>(json, DatasetDescription.Json)
                ?? throw new FormatException("is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException(
                e.Path is "$.users" or "$.interactions"
                    ? $"{e.Path} is for people who are shown to one another, which train reads; a stream has rows (docs/streams.md)"
                    : JsonFault.Of(e),
                e
            );
        }

        if (Ids.Check("name", description.Name) is { } bad)
        {
            throw new FormatException($"{bad.Field} \"{bad.Value}\" {bad.Rule}");
        }

        description.Rows.Check();
        return description;
    }
}

/// <summary>A table of rows with a label each.</summary>
public sealed record RowTable
{
    public required string File { get; init; }

    public TableFormat Format { get; init; } = TableFormat.Default;

    /// <summary>A number from 0 to 1; what is to be told of the next row.</summary>
    public required string Label { get; init; }

    /// <summary>When it was; rows come in this order, those of one moment in the file's. Default: the file's order.</summary>
    public string? Time { get; init; }

    /// <summary>How <see cref="Time"/> is written; as <see cref="ColumnRule.Format"/>.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>What a row says. Absent: all columns but label and time, with the types that the first rows suggest.</summary>
    public ImmutableSortedDictionary<string, ColumnRule>? Columns { get; init; }

    internal void Check()
    {
        var columns = Columns ?? ImmutableSortedDictionary<string, ColumnRule>.Empty;
        DatasetDescription.Check("rows", Format, File, columns);
        TimeText.Check("rows.time_format", TimeFormat);
        if (TimeFormat is not null && Time is null)
        {
            throw new FormatException($"rows.time_format \"{TimeFormat}\" is for rows.time, which is not set");
        }

        if (Time == Label)
        {
            throw new FormatException($"rows.time \"{Time}\" must be another column than label");
        }

        if (Columns is { IsEmpty: true })
        {
            throw new FormatException("rows.columns must have a column; leave it out for all columns of the table");
        }

        foreach (var (name, rule) in columns)
        {
            if (rule.Type is FeatureKind.Id or FeatureKind.Bag)
            {
                throw new FormatException(
                    $"rows.columns.{name}.type {ChoiceConverter<FeatureKind>.Word(rule.Type)} is for people, and a row is nobody"
                );
            }

            if (new[] { rule.Column ?? name, rule.Latitude, rule.Longitude }.Contains(Label))
            {
                throw new FormatException($"rows.columns.{name} \"{Label}\" is the label, which is told after the row");
            }
        }
    }
}
