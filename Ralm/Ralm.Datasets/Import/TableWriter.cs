using System.Globalization;
using CsvHelper;

namespace Ralm.Datasets.Import;

/// <summary>Writes CSV under a temporary name and gives it its own when it is whole.</summary>
internal static class TableWriter
{
    public static int Write(string path, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = path + ".tmp";
        var count = 0;
        using (var csv = new CsvWriter(new StreamWriter(temporary), CultureInfo.InvariantCulture))
        {
            Line(csv, header);
            foreach (var row in rows)
            {
                Line(csv, row);
                count++;
            }
        }

        File.Move(temporary, path, overwrite: true);
        return count;
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Line(CsvWriter csv, IReadOnlyList<string> cells)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(cell);
        }

        csv.NextRecord();
    }
}
