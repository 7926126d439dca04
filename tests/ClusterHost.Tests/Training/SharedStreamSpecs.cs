using System.IO.Compression;
using Ralm.Datasets.Streams;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Training;

/// <summary>Public streams: whoever learns is not behind who does not, nor behind who repeats the last label.</summary>
[Trait("Category", SharedData.Category)]
public sealed class SharedStreamSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-streams-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_served_is_at_least_as_good_as_what_is_not_learned()
    {
        string[] files = [.. SharedData.Files("*.csv.gz", "drift")];
        foreach (var file in files)
        {
            var told = Streamed(file);

            output.WriteLine($"{told}");
            Assert.InRange(told.Accuracy, Math.Max(told.FrozenAccuracy, told.LastLabelAccuracy), 1);
            Assert.InRange(told.Auc, told.FrozenAuc, 1);
            Assert.InRange(told.LogLoss, 0, told.FrozenLogLoss);
        }

        output.WriteLine($"{files.Length} streams");
    }

    /// <summary>The last column is the label.</summary>
    private StreamSummary Streamed(string file)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var label = text.ReadLine()!.Split(',')[^1];
        var description = Path.Combine(_folder, "dataset.json");
        File.WriteAllText(
            description,
            $$"""{ "name": "public", "rows": { "file": "{{file}}", "label": "{{label}}" } }"""
        );
        return new StreamRun(RowStream.Open(description, maxBadRows: 0, default), seed: 42, new ProgressView()).Run(
            default
        );
    }
}
