using System.Collections;

namespace RalmActors.ClusterHost.Settings;

/// <summary>The settings as this process finds them.</summary>
public static class ProcessSettings
{
    public static WrittenSettings Written(IReadOnlyDictionary<string, string>? options = null)
    {
        var file = new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .Build()
            .GetSection("Ralm");
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        return WrittenSettings.From(environment, file, options);
    }
}
