namespace Ralm.Datasets.Import;

/// <summary>The descriptions of the folder <c>datasets</c>, as they were compiled in.</summary>
public static class ShippedDescriptions
{
    /// <summary>Writes one beside its tables, as dataset.json; returns its path.</summary>
    public static string Write(string name, string folder)
    {
        using var stream = typeof(ShippedDescriptions).Assembly.GetManifestResourceStream($"datasets/{name}.json")!;
        var path = Path.Combine(folder, "dataset.json");
        using var file = File.Create(path);
        stream.CopyTo(file);
        return path;
    }
}
