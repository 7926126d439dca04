namespace Ralm.Datasets.Descriptions;

/// <summary>How a table's file is written.</summary>
public enum TableKind
{
    Csv,
    JsonLines,
    Parquet,
}

/// <summary>By the file's ending.</summary>
public static class TableKinds
{
    /// <returns>Null: no table's.</returns>
    public static TableKind? Of(string file)
    {
        var isPacked = IsPacked(file);
        return Path.GetExtension(isPacked ? file[..^3] : file).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" => TableKind.Csv,
            ".jsonl" or ".ndjson" => TableKind.JsonLines,
            ".parquet" when !isPacked => TableKind.Parquet,
            _ => null,
        };
    }

    public static bool IsPacked(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
