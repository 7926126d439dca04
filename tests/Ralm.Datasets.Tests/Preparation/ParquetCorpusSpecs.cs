using System.Text.Json.Serialization;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Parquet in every type and nesting, with the right outcome beside it.</summary>
public sealed class ParquetCorpusSpecs
{
    private static readonly byte[] Latin = [0x4B, 0xF6, 0x6C, 0x6E];

    public static TheoryData<string, string, string, string> Cases() =>
        new()
        {
            { "sbyte", "sbyte", "number", "a v=-1\nb v=127" },
            { "byte", "byte", "number", "a v=1\nb v=255" },
            { "short", "short", "number", "a v=-300\nb v=300" },
            { "ushort", "ushort", "number", "a v=0\nb v=65535" },
            { "int", "int", "number", "a v=-70000\nb v=70000" },
            { "uint", "uint", "number", "a v=0\nb v=4294967295" },
            { "long", "long", "category", "a v=-9007199254740993\nb v=9007199254740993" },
            { "ulong", "ulong", "category", "a v=0\nb v=18446744073709551615" },
            { "float", "float", "number", "a v=0.5\nb v=-1.25" },
            { "double", "double", "number", "a v=0.1\nb v=1000000" },
            { "a double that is none", "nan", "number", "refused: t.parquet line 3 column v: \"NaN\" is not a number" },
            { "decimal", "decimal", "number", "a v=12.34\nb v=-0.5" },
            { "bool", "bool", "number", "a v=1\nb v=0" },
            {
                "guid",
                "guid",
                "category",
                "a v=00112233-4455-6677-8899-aabbccddeeff\nb v=00000000-0000-0000-0000-000000000000"
            },
            { "string", "string", "category", "a v=Köln\nb" },
            { "string that is empty", "empty", "category", "a\nb" },
            { "bytes that are a text", "bytes", "category", "a v=AB\nb" },
            { "bytes that are none", "latin", "category", "refused: column v: bytes that are no UTF-8 text" },
            { "timestamp", "timestamp", "time", "a at=2024-01-31T17:45:00\nb at=1999-12-31T23:59:59.5" },
            { "date", "date", "time", "a at=2024-01-31T00:00:00\nb at=1999-12-31T00:00:00" },
            {
                "time of day",
                "clock",
                "time",
                "refused: t.parquet line 2 column v: \"17:45:00\" must be a date and time as 2024-01-31T17:45:00, or its format must be said, as dd/MM/yyyy or MM/dd/yyyy, and 1 more bad rows"
            },
            { "time of day as a category", "clock", "category", "a at=17:45:00\nb at=00:00:00.5" },
            { "int that may be missing", "int?", "number", "a v=5\nb" },
            { "double that may be missing", "double?", "number", "a\nb v=0.5" },
            { "bool as a category", "bool", "category", "a v=true\nb v=false" },
            { "bool that may be missing", "bool?", "number", "a v=1\nb" },
            { "time that may be missing", "timestamp?", "time", "a at=2024-01-31T17:45:00\nb" },
            { "list of texts", "texts", "tags", "a v=[x|y,z]\nb v=[x]" },
            { "list of numbers", "numbers", "tags", "a v=[1,2,3]\nb v=[4]" },
            { "list that is empty or missing", "lists", "tags", "a v=[]\nb" },
            { "list with a null in it", "holes", "tags", "a v=[x,y]\nb v=[z]" },
            {
                "list where one value is wanted",
                "texts",
                "category",
                "refused: t.parquet line 2 column v: \"[x|y, z]\" must not be a list, and 1 more bad rows"
            },
            { "two lists", "twice", "tags", "a v=[x]\nb v=[y]" },
            { "structure beside", "beside", "number", "a v=1\nb v=2" },
            {
                "structure wanted",
                "structure",
                "number",
                "refused: t.parquet: column \"v\" is a struct; text, numbers, truth values, times and lists of these are read"
            },
            {
                "map wanted",
                "map",
                "tags",
                "refused: t.parquet: column \"v\" is a map; text, numbers, truth values, times and lists of these are read"
            },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_column_is_read_as_its_type_says_or_refused(
        string name,
        string values,
        string type,
        string outcome
    )
    {
        var bytes = await Written(values);
        var feature = values is "timestamp" or "date" or "clock" or "timestamp?" ? "at" : "v";
        var description = $$"""
            {"name":"given","interactions":{"file":"x","user":"x","candidate":"x","label":"x"},
             "users":{"file":"t.parquet","key":"id","columns": { "{{feature}}": { "type": "{{type}}", "column": "v" } } } }
            """;

        Assert.Equal((name, outcome), (name, CorpusTable.Outcome("t.parquet", bytes, description)));
    }

    private static Task<byte[]> Written(string values) =>
        values switch
        {
            "sbyte" => Of<sbyte>(-1, 127),
            "byte" => Of<byte>(1, 255),
            "short" => Of<short>(-300, 300),
            "ushort" => Of<ushort>(0, 65535),
            "int" => Of(-70_000, 70_000),
            "uint" => Of(0u, uint.MaxValue),
            "long" => Of(-9007199254740993, 9007199254740993),
            "ulong" => Of(0ul, ulong.MaxValue),
            "float" => Of(0.5f, -1.25f),
            "double" => Of(0.1, 1e6),
            "nan" => Of(0.1, double.NaN),
            "decimal" => Of(12.34m, -0.5m),
            "bool" => Of(true, false),
            "guid" => Of(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), Guid.Empty),
            "string" => Of<string?>("Köln", null),
            "empty" => Of<string?>("", ""),
            "bytes" => Of<byte[]?>("AB"u8.ToArray(), null),
            "latin" => Of<byte[]?>(Latin, null),
            "timestamp" => Of(Utc(2024, 1, 31, 17, 45, 0), Utc(1999, 12, 31, 23, 59, 59).AddMilliseconds(500)),
            "date" => Of(new DateOnly(2024, 1, 31), new DateOnly(1999, 12, 31)),
            "clock" => TimesOfDay(63_900_000_000, 500_000),
            "int?" => Of<int?>(5, null),
            "double?" => Of<double?>(null, 0.5),
            "bool?" => Of<bool?>(true, null),
            "timestamp?" => Of<DateTime?>(Utc(2024, 1, 31, 17, 45, 0), null),
            "texts" => Of<List<string>?>(["x|y", "z"], ["x"]),
            "numbers" => Of<List<int>?>([1, 2, 3], [4]),
            "lists" => Of<List<string>?>([], null),
            "holes" => Of<List<string?>?>(["x", null, "y"], ["z"]),
            "twice" => Bytes([
                new Two
                {
                    Id = "a",
                    V = ["x"],
                    Other = ["q"],
                },
                new Two { Id = "b", V = ["y"] },
            ]),
            "beside" => Bytes([
                new Beside
                {
                    Id = "a",
                    V = 1,
                    Inner = new Inner { X = 3 },
                },
                new Beside { Id = "b", V = 2 },
            ]),
            "structure" => Of<Inner?>(new Inner { X = 1 }, null),
            "map" => Of<Dictionary<string, int>?>(new() { ["x"] = 1 }, null),
            _ => throw new ArgumentOutOfRangeException(nameof(values), values, null),
        };

    private static async Task<byte[]> TimesOfDay(params long[] microseconds)
    {
        var schema = new ParquetSchema(
            new DataField<string>("id"),
            new TimeDataField("v", TimeUnitPrecision.Micros, isNullable: false)
        );
        var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream))
        {
            using var group = writer.CreateRowGroup();
            string?[] ids = ["a", "b"];
            await group.WriteAsync(schema.GetDataFields()[0], ids);
            await group.WriteAsync<long>(schema.GetDataFields()[1], microseconds.AsMemory());
        }

        return stream.ToArray();
    }

    private static DateTime Utc(int year, int month, int day, int hour, int minute, int second) =>
        new(year, month, day, hour, minute, second, DateTimeKind.Utc);

    private static Task<byte[]> Of<T>(T a, T b) =>
        Bytes([new Cell<T> { Id = "a", V = a }, new Cell<T> { Id = "b", V = b }]);

    private static async Task<byte[]> Bytes<T>(T[] rows)
        where T : class, new()
    {
        var stream = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, stream);
        return stream.ToArray();
    }

    internal sealed class Cell<T>
    {
        [JsonPropertyName("id")]
        public string Id { get; set; } = "";

        [JsonPropertyName("v")]
        public T? V { get; set; }
    }

    internal sealed class Two
    {
        [JsonPropertyName("id")]
        public string Id { get; set; } = "";

        [JsonPropertyName("v")]
        public List<string>? V { get; set; }

        public List<string>? Other { get; set; }
    }

    internal sealed class Beside
    {
        [JsonPropertyName("id")]
        public string Id { get; set; } = "";

        public Inner? Inner { get; set; }

        [JsonPropertyName("v")]
        public int V { get; set; }
    }

    internal sealed class Inner
    {
        public int X { get; set; }
    }
}
