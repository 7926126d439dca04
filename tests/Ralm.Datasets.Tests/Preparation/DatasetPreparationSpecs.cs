using System.Text;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

public sealed class DatasetPreparationSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-data-").FullName;

    public DatasetPreparationSpecs() => WriteTables();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_bad_number_is_named_by_file_line_column_and_value()
    {
        WriteTables(row => row == 1232 ? "p1,p2,abc,1" : null);

        Assert.Equal("interactions.csv line 1,234 column km: \"abc\" is not a number", Refused());
    }

    [Fact]
    public void A_missing_column_is_named_beside_those_there_are()
    {
        Describe(label: "liked");

        Assert.EndsWith("no column \"liked\"; it has user,candidate,km,match".Replace(",", ", "), Refused());
    }

    [Fact]
    public void Text_in_another_encoding_is_refused_with_the_remedy()
    {
        File.WriteAllBytes(
            Path.Combine(_folder, "users.csv"),
            [
                .. Encoding.UTF8.GetBytes("id,age,city,tags,lat,lon\np0,20,Caf"),
                0xE9,
                .. Encoding.UTF8.GetBytes(",a,1,1\n"),
            ]
        );

        Assert.Contains("users.csv line 2: not valid UTF-8", Refused(), StringComparison.Ordinal);
        Assert.Contains("windows-1252", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_who_is_in_no_table_is_named()
    {
        WriteTables(row => row == 0 ? "p1,nobody,1.5,1" : null);

        Assert.Equal("interactions.csv line 2 column candidate: \"nobody\" is not in users.csv", Refused());
    }

    [Fact]
    public void An_unknown_key_of_the_description_is_refused_by_name()
    {
        var path = Path.Combine(_folder, "dataset.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"split\"", "\"splitt\""));

        Assert.Contains("$.splitt is not a key", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_dataset_leaves_nothing_behind_but_its_report()
    {
        WriteTables(row => row == 1500 ? "p1,p2,1,7" : null);

        Refused();
        Assert.Equal(
            ["dataset.json", "interactions.csv", "prepared.report.json", "users.csv"],
            Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Tolerant_preparation_leaves_bad_rows_out_and_lists_them()
    {
        WriteTables(row => row is 10 or 20 ? "p1,p2,abc,1" : null);

        var info = Prepare(new PreparationOptions(MaxBadRows: 2));
        Assert.Equal(1998, info.Meta.Rows);
        Assert.Equal([12, 22], info.Report.Listed.Select(b => b.Line));
    }

    [Fact]
    public void The_same_tables_give_the_same_hash_and_another_cell_another_one()
    {
        var first = Prepare().Meta.Hash;
        Assert.Equal(first, Prepare().Meta.Hash);

        WriteTables(row => row == 3 ? "p1,p2,99,1" : null);
        Assert.NotEqual(first, Prepare().Meta.Hash);
    }

    [Fact]
    public void Json_lines_and_csv_give_the_same_arrays()
    {
        var csv = Prepare();
        var lines = File.ReadLines(Path.Combine(_folder, "interactions.csv"))
            .Skip(1)
            .Select(l => l.Split(','))
            .Select(c => $$"""{"match":{{c[3]}},"user":"{{c[0]}}","candidate":"{{c[1]}}","km":{{c[2]}}}""");
        File.WriteAllLines(Path.Combine(_folder, "interactions.jsonl"), lines);
        Describe(interactions: "interactions.jsonl");

        Assert.Equal(csv.Meta.Hash, Prepare().Meta.Hash);
    }

    [Fact]
    public void Serving_encodes_a_person_as_training_did()
    {
        var data = PreparedDataset.Open(Prepare().Path);
        var schema = data.Schema!;
        var row = data.Rows(Split.Test)[0];
        var (u, c, x, y) = Gather(data, [row]);

        var user = new float[schema.User.Width];
        schema.User.Encode("", RawOf(row % 50), user);
        Assert.Equal(u, user);
        Assert.Equal(data.Meta.CandidateWidth, c.Length);
        Assert.Equal(2, x.Length);
        Assert.Equal(row % 3 == 0 ? 1 : 0, y[0]);
    }

    [Fact]
    public void Groups_never_stand_on_both_sides_of_a_split()
    {
        Describe(split: """{"rule":"group","column":"user","test_groups":["p7","p9"]}""");
        var data = PreparedDataset.Open(Prepare().Path);

        Assert.All(data.Rows(Split.Test).ToArray(), row => Assert.True(row % 50 is 7 or 9));
        Assert.Equal(80, data.Rows(Split.Test).Length);
        Assert.Empty(Users(data, Split.Train).Intersect(Users(data, Split.Valid)));
    }

    private static IEnumerable<int> Users(PreparedDataset data, Split split) =>
        data.Rows(split).ToArray().Select(r => r % 50).Distinct();

    private static (float[] U, float[] C, float[] X, float[] Y) Gather(PreparedDataset data, int[] rows)
    {
        var u = new float[rows.Length * data.Meta.UserWidth];
        var c = new float[rows.Length * data.Meta.CandidateWidth];
        var x = new float[rows.Length * data.Meta.ContextWidth];
        var y = new float[rows.Length];
        data.Gather(rows, u, c, x, y);
        return (u, c, x, y);
    }

    private string Refused() => Assert.Throws<BadTableException>(() => Prepare()).Message.Split('\n')[0];

    private PreparedDatasetInfo Prepare(PreparationOptions? options = null) =>
        DatasetPreparation.Prepare(
            Path.Combine(_folder, "dataset.json"),
            Path.Combine(_folder, "prepared"),
            options ?? new PreparationOptions(),
            null,
            TestContext.Current.CancellationToken
        );

    /// <summary>50 people, 2,000 interactions; person i is a user in every 50th row.</summary>
    private void WriteTables(Func<int, string?>? instead = null)
    {
        File.WriteAllLines(
            Path.Combine(_folder, "users.csv"),
            ["id,age,city,tags,lat,lon", .. Enumerable.Range(0, 50).Select(UserLine)]
        );
        File.WriteAllLines(
            Path.Combine(_folder, "interactions.csv"),
            ["user,candidate,km,match", .. Enumerable.Range(0, 2000).Select(r => instead?.Invoke(r) ?? Line(r))]
        );
        Describe();
    }

    private static string Line(int r) => $"p{r % 50},p{(r * 7 + 1) % 50},{r % 11}.5,{(r % 3 == 0 ? 1 : 0)}";

    private static string UserLine(int i) =>
        $"p{i},{(i % 9 == 0 ? "" : i + 18)},c{i % 4},{(i % 2 == 0 ? "jazz|climbing" : "")},{i % 10},{i % 20}";

    private static Features RawOf(int i)
    {
        var raw = new Features();
        if (i % 9 != 0)
        {
            raw.Items.Add(new Feature { Name = "age", Number = i + 18 });
        }

        raw.Items.Add(new Feature { Name = "city", Text = $"c{i % 4}" });
        if (i % 2 == 0)
        {
            raw.Items.Add(
                new Feature
                {
                    Name = "tags",
                    Texts = new TextList { Values = { "jazz", "climbing" } },
                }
            );
        }

        raw.Items.Add(
            new Feature
            {
                Name = "home",
                Position = new Position { Latitude = i % 10, Longitude = i % 20 },
            }
        );
        return raw;
    }

    private void Describe(
        string label = "match",
        string interactions = "interactions.csv",
        string split = """{"rule":"random","seed":5}"""
    ) =>
        File.WriteAllText(
            Path.Combine(_folder, "dataset.json"),
            $$"""
            {
              "name": "small",
              "users": {
                "file": "users.csv", "key": "id",
                "columns": {
                  "age": { "type": "number" }, "city": { "type": "category" }, "tags": { "type": "tags" },
                  "home": { "type": "position", "latitude": "lat", "longitude": "lon" }
                }
              },
              "interactions": {
                "file": "{{interactions}}", "user": "user", "candidate": "candidate", "label": "{{label}}",
                "columns": { "km": { "type": "number" } }
              },
              "split": {{split}}
            }
            """
        );
}
