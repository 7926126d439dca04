using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Datasets.Tests.Preparation;

/// <summary>One table of people, read as a preparation reads it.</summary>
internal static class CorpusTable
{
    /// <returns>A line a row, or <c>refused: </c> and why.</returns>
    public static string Outcome(string file, byte[] bytes, string description)
    {
        var folder = Directory.CreateTempSubdirectory("ralm-corpus-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, file), bytes);
            var parsed = DatasetDescription.Parse(description);
            var log = new PreparationLog(new PreparationOptions(), null, TestContext.Current.CancellationToken);
            var keys = TableReader.Read(Path.Combine(folder, file), parsed.Users.Format, ["id"]);
            var people = People.Read("users", folder, parsed.Users, parsed.Missing, log);
            log.BadRows.Judge();
            return string.Join('\n', keys.Select(k => k[0]).ToArray().Select((id, k) => $"{id}{Text(people[k])}"));
        }
        catch (Exception e) when (e is BadTableException or FormatException)
        {
            return $"refused: {e.Message.Replace($"{folder}{Path.DirectorySeparatorChar}", "", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(Features features) =>
        string.Concat(features.Items.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => $" {f.Name}={Text(f)}"));

    private static string Text(Feature f) =>
        f.ValueCase switch
        {
            Feature.ValueOneofCase.Number when f.Name == "at" => DateTime
                .UnixEpoch.AddSeconds(f.Number)
                .ToString("yyyy-MM-ddTHH:mm:ss.FF", CultureInfo.InvariantCulture),
            Feature.ValueOneofCase.Number => f.Number.ToString(CultureInfo.InvariantCulture),
            Feature.ValueOneofCase.Texts =>
                $"[{string.Join(',', f.Texts.Values.Select(t => t.Replace(",", "\\,", StringComparison.Ordinal)))}]",
            Feature.ValueOneofCase.Position => string.Create(
                CultureInfo.InvariantCulture,
                $"({f.Position.Latitude},{f.Position.Longitude})"
            ),
            _ => f.Text.Replace("\n", "\\n", StringComparison.Ordinal),
        };
}
