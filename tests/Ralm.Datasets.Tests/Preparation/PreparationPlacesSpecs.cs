using Ralm.Datasets.Preparation;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>A preparation replaces a dataset and a report of its own; whatever else somebody has stays, and that is said first.</summary>
public sealed class PreparationPlacesSpecs : IDisposable
{
    private readonly GivenTables _tables = new();

    public PreparationPlacesSpecs()
    {
        _tables.Interactions(400);
        _tables.Describe();
    }

    private string Description => Path.Combine(_tables.Folder, "dataset.json");

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void The_folder_of_the_tables_is_no_place_for_the_dataset()
    {
        Refused(Prepare(_tables.Folder), "the tables are in it");
        Refused(Prepare(Path.GetDirectoryName(_tables.Folder)!), "the tables are in it");
        Assert.True(File.Exists(Description));
    }

    [Fact]
    public void A_folder_of_somebody_stays()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_tables.Folder, "precious")).FullName;
        File.WriteAllText(Path.Combine(folder, "thesis.txt"), "years");

        Refused(Prepare(folder), "holds \"thesis.txt\", which is of no dataset");
        Assert.Equal("years", File.ReadAllText(Path.Combine(folder, "thesis.txt")));
    }

    [Fact]
    public void A_file_is_no_place_for_a_dataset()
    {
        var file = Path.Combine(_tables.Folder, "notes");
        File.WriteAllText(file, "x");

        Refused(Prepare(file), "is a file; a dataset is a folder");
    }

    [Fact]
    public void An_empty_folder_and_a_dataset_are_replaced_and_what_was_killed_is_cleared()
    {
        var target = Directory.CreateDirectory(Path.Combine(_tables.Folder, "out")).FullName;
        // No process has so high a number.
        var begun = Directory.CreateDirectory($"{target}.2147483646.tmp").FullName;
        var mine = Directory.CreateDirectory($"{target}.{Environment.ProcessId}0000x.tmp").FullName;

        var first = Prepare(target)();
        var second = Prepare(target)();

        Assert.Equal(first.Meta.Hash, second.Meta.Hash);
        Assert.False(Directory.Exists(begun));
        Assert.True(Directory.Exists(mine));
    }

    [Theory]
    [InlineData("users.csv", "it is read from")]
    [InlineData("dataset.json", "it is read from")]
    [InlineData("notes.json", "exists already and is no report of tables")]
    [InlineData("notes.txt", "exists already and is no report of tables")]
    public void A_report_replaces_a_report_alone(string file, string why)
    {
        var report = Path.Combine(_tables.Folder, file);
        if (!File.Exists(report))
        {
            File.WriteAllText(report, "{}");
        }

        var before = File.ReadAllText(report);
        Refused(Prepare(Path.Combine(_tables.Folder, "out"), report), why);
        Assert.Equal(before, File.ReadAllText(report));
    }

    [Fact]
    public void A_report_that_is_there_is_written_anew()
    {
        var report = Path.Combine(_tables.Folder, "found.json");
        Prepare(Path.Combine(_tables.Folder, "out"), report)();

        Assert.Equal(report, Prepare(Path.Combine(_tables.Folder, "out"), report)().ReportPath);
    }

    private static void Refused(Func<PreparedDatasetInfo> prepare, string why) =>
        Assert.Contains(why, Assert.Throws<BadTableException>(prepare).Message, StringComparison.Ordinal);

    private Func<PreparedDatasetInfo> Prepare(string target, string? report = null) =>
        () =>
            DatasetPreparation.Prepare(
                Description,
                target,
                new PreparationOptions(Report: report),
                null,
                TestContext.Current.CancellationToken
            );
}
