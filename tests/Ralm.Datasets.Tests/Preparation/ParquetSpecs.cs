using System.Globalization;
using Parquet;
using Parquet.Schema;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

public sealed class ParquetSpecs : IDisposable
{
    private const int Rows = 600;

    private readonly GivenTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public async Task Parquet_and_csv_give_the_same_arrays()
    {
        _tables.Interactions(Rows, ",at,km", r => $",{Time(r):O},{(Km(r) is { } km ? km : "")}");
        _tables.Describe(Split, Columns);
        var csv = _tables.Prepare().Meta.Hash;
        await WriteParquet();
        _tables.Describe(Split, Columns, file: "swipes.parquet");

        Assert.Equal(csv, _tables.Prepare().Meta.Hash);
    }

    private const string Split = """{ "rule": "time", "column": "at" }""";

    private const string Columns = """ "km": { "type": "number" }, "hour": { "type": "time", "column": "at" } """;

    private static DateTime Time(int row) => DateTime.UnixEpoch.AddHours(row * 389 % Rows);

    private static double? Km(int row) => row % 7 == 0 ? null : row / 8.0;

    /// <summary>Two row groups, text, whole numbers, numbers that may be missing, times.</summary>
    private async Task WriteParquet()
    {
        var schema = new ParquetSchema(
            new DataField<string>("who"),
            new DataField<string>("whom"),
            new DataField<int>("liked"),
            new DataField<DateTime>("at"),
            new DataField<double?>("km")
        );
        await using var file = File.Create(Path.Combine(_tables.Folder, "swipes.parquet"));
        await using var writer = await ParquetWriter.CreateAsync(schema, file);
        foreach (var rows in Enumerable.Range(0, Rows).Chunk(Rows / 2))
        {
            using var group = writer.CreateRowGroup();
            var fields = schema.GetDataFields();
            string?[] who = [.. rows.Select(r => $"p{r % GivenTables.People}")];
            string?[] whom = [.. rows.Select(r => $"p{GivenTables.Candidate(r)}")];
            await group.WriteAsync(fields[0], who);
            await group.WriteAsync(fields[1], whom);
            await group.WriteAsync<int>(fields[2], rows.Select(GivenTables.Label).ToArray().AsMemory());
            await group.WriteAsync<DateTime>(fields[3], rows.Select(Time).ToArray().AsMemory());
            await group.WriteAsync<double>(fields[4], rows.Select(Km).ToArray().AsMemory());
        }
    }
}
