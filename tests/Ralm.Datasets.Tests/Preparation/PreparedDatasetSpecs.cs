using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>The arrays of interactions stay in their files; a row is found by its number all the same.</summary>
public sealed class PreparedDatasetSpecs : IDisposable
{
    private const int Rows = 10_000;

    private readonly GivenTables _tables = new();

    public PreparedDatasetSpecs()
    {
        _tables.Interactions(Rows, ",km", r => $",{r}");
        _tables.Describe(columns: """ "km": { "type": "number", "scaling": "min_max" } """);
    }

    public void Dispose() => _tables.Dispose();

    [Fact]
    public void A_row_is_what_its_line_said()
    {
        var data = _tables.Open();
        var width = data.Meta.ContextWidth;
        var (user, candidate) = (new float[3 * data.Meta.UserWidth], new float[3 * data.Meta.CandidateWidth]);
        var (context, labels) = (new float[3 * width], new float[3]);
        int[] rows = [7_777, 3, Rows - 1];

        data.Gather(rows, user, candidate, context, labels);

        for (var k = 0; k < rows.Length; k++)
        {
            var expected = new float[width];
            data.Schema!.Context.Encode("", Kilometres(rows[k]), expected);
            Assert.Equal(expected, context[(k * width)..((k + 1) * width)]);
            Assert.Equal(GivenTables.Label(rows[k]), labels[k]);
            Assert.Equal(rows[k] % GivenTables.People, data.UserOf(rows[k]));
            Assert.Equal(GivenTables.Candidate(rows[k]), data.CandidateOf(rows[k]));
        }
    }

    [Fact]
    public void Every_row_is_in_one_part_and_parts_are_in_order()
    {
        var data = _tables.Open();
        var parts = Enum.GetValues<Split>().Select(part => data.Rows(part).ToArray()).ToArray();

        Assert.Equal(Enumerable.Range(0, Rows), parts.SelectMany(p => p).Order());
        Assert.All(parts, part => Assert.Equal(part.Order(), part));
        Assert.Equal([data.Meta.Train, data.Meta.Valid, data.Meta.Test], parts.Select(p => p.Length));
    }

    [Fact]
    public void A_file_of_another_length_is_refused_by_name()
    {
        var folder = _tables.Prepare().Path;
        File.AppendAllText(Path.Combine(folder, "label.f32"), "x");

        var refused = Assert.Throws<InvalidDataException>(() => PreparedDataset.Open(folder));

        Assert.EndsWith($"label.f32: {(4 * Rows) + 1} bytes, {4 * Rows} bytes expected", refused.Message);
    }

    [Fact]
    public void A_dataset_that_is_prepared_anew_leaves_who_has_it_open_the_old_one()
    {
        var open = _tables.Open();
        var before = open.Label(0);
        _tables.Write(
            "swipes.csv",
            ["who,whom,liked,km", .. Enumerable.Range(0, 100).Select(r => $"p1,p2,{(r == 0 ? 0 : r % 2)},{r}")]
        );
        _tables.Prepare();

        Assert.Equal((before, GivenTables.Label(Rows - 1)), (open.Label(0), open.Label(Rows - 1)));
    }

    private static Features Kilometres(int row) =>
        new()
        {
            Items =
            {
                new Feature { Name = "km", Number = row },
            },
        };
}
