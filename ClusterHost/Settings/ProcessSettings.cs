using System.Collections;

namespace RalmActors.ClusterHost.Settings;

/// <summary>The settings as this process finds them.</summary>
public static class ProcessSettings
{
    private const string FileName = "appsettings.json";

    public static WrittenSettings Written(IReadOnlyDictionary<string, string>? options = null)
    {
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        return WrittenSettings.From(environment, FromFile(), options);
    }

    private static IConfigurationSection FromFile()
    {
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(FileName), optional: true)
                .Build()
                .GetSection("Ralm");
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            var why = e.GetBaseException().Message.ReplaceLineEndings(" ");
            throw new SettingsException([new SettingError(FileName, "", $"must be JSON that can be read: {why}")]);
        }
    }
}
