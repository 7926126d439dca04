using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>Tables of a spec's own in a folder that goes with it; forty people, p0 to p39.</summary>
public sealed class GivenTables : IDisposable
{
    public const int People = 40;

    public GivenTables() =>
        Write(
            "users.csv",
            ["id,age,kind", .. Enumerable.Range(0, People).Select(p => $"p{p},{18 + (p * 7 % 40)},k{p % 3}")]
        );

    public string Folder { get; } = Directory.CreateTempSubdirectory("ralm-tables-").FullName;

    public string Report => Path.Combine(Folder, "prepared.report.json");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public void Write(string file, IEnumerable<string> lines) => File.WriteAllLines(Path.Combine(Folder, file), lines);

    /// <summary>So many interactions, of everybody with the next ones, every third of them liked.</summary>
    /// <param name="more">Further cells of a row.</param>
    public void Interactions(int rows, string columns = "", Func<int, string>? more = null) =>
        Write(
            "swipes.csv",
            [
                $"who,whom,liked{columns}",
                .. Enumerable.Range(0, rows).Select(r => $"p{r % People},p{Candidate(r)},{Label(r)}{more?.Invoke(r)}"),
            ]
        );

    /// <summary>Nobody sees the same person twice within 39 rounds, nor ever themselves.</summary>
    public static int Candidate(int row) => ((row % People) + 1 + (row / People % (People - 1))) % People;

    public static int Label(int row) => row % 3 == 0 ? 1 : 0;

    public void Describe(string split = "{}", string columns = "", string rest = "", string file = "swipes.csv") =>
        File.WriteAllText(
            Path.Combine(Folder, "dataset.json"),
            $$"""
            {
              "name": "given",
              "users": { "file": "users.csv", "key": "id",
                         "columns": { "age": { "type": "number" }, "kind": { "type": "category" } } },
              "interactions": { "file": "{{file}}", "user": "who", "candidate": "whom", "label": "liked",
                                "columns": { {{columns}} } },
              "split": {{split}} {{rest}}
            }
            """
        );

    public PreparedDatasetInfo Prepare(
        PreparationOptions? options = null,
        IProgress<PreparationProgress>? progress = null,
        CancellationToken? ct = null
    ) =>
        DatasetPreparation.Prepare(
            Path.Combine(Folder, "dataset.json"),
            Path.Combine(Folder, "prepared"),
            options ?? new PreparationOptions(),
            progress,
            ct ?? TestContext.Current.CancellationToken
        );

    public PreparedDataset Open() => PreparedDataset.Open(Prepare().Path);

    /// <summary>What was said, without where the report is.</summary>
    public string Refused(PreparationOptions? options = null) =>
        Assert.Throws<BadTableException>(() => Prepare(options)).Message.Split('\n')[0];

    public IEnumerable<string?> Files() =>
        Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
