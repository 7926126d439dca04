using System.Text.RegularExpressions;

namespace RalmActors.ClusterHost.Settings;

/// <summary>One setting as it was written: our key, the name its owner used, the text.</summary>
public sealed record WrittenSetting(string Key, string Name, string Value);

/// <summary>
/// Everything the owner wrote, last source wins: the names of the original specification, <c>appsettings.json</c>
/// (section <c>Ralm</c>), <c>RALM__*</c> environment variables, command-line options.
/// </summary>
public sealed partial class WrittenSettings
{
    public const string Prefix = "RALM__";

    /// <summary>Names of the original specification, and of others, and the settings they stand for.</summary>
    public static readonly IReadOnlyDictionary<string, string> OriginalNames = new Dictionary<string, string>(
        StringComparer.Ordinal
    )
    {
        ["MODEL_STORAGE_PATH"] = "Storage:Models",
        ["MONITOR_DATA_PATH"] = "Storage:Monitor",
        ["AB_TESTING_PATH"] = "Storage:AbTesting",
        ["MONITOR_INTERVAL"] = "Monitor:Interval",
        ["ONLINE_LEARNING_RATE"] = "Online:LearningRate",
        ["ONLINE_BATCH_SIZE"] = "Online:BatchSize",
        // OpenTelemetry's own, which whoever runs a collector has set for all of his programs.
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "Otlp:Endpoint",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "Otlp:Protocol",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "Otlp:Headers",
    };

    private readonly Dictionary<string, WrittenSetting> _byKey = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<WrittenSetting> Entries => _byKey.Values;

    /// <param name="environment">All environment variables; only ours are taken.</param>
    /// <param name="file">The section <c>Ralm</c> of appsettings.json.</param>
    /// <param name="options">Keys and values given on the command line.</param>
    public static WrittenSettings From(
        IReadOnlyDictionary<string, string> environment,
        IConfiguration? file = null,
        IReadOnlyDictionary<string, string>? options = null
    )
    {
        var written = new WrittenSettings();
        foreach (var (name, key) in OriginalNames)
        {
            if (environment.TryGetValue(name, out var value))
            {
                written.Put(key, name, value);
            }
        }

        foreach (var (key, value) in file?.AsEnumerable(makePathsRelative: true) ?? [])
        {
            if (value is not null)
            {
                written.Put(key, $"appsettings.json Ralm:{key}", value);
            }
        }

        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                written.Put(KeyOf(name), name, value);
            }
        }

        foreach (var (key, value) in options ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            written.Put(key, $"--{key.Split(':')[^1].ToLowerInvariant()}", value);
        }

        return written;
    }

    /// <summary><c>Online:LearningRate</c> is <c>RALM__ONLINE__LEARNING_RATE</c> in the environment.</summary>
    public static string NameOf(string key) =>
        Prefix + WordBoundary().Replace(key, "_").Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    public WrittenSetting? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>The value of a list written in one piece, then those of its numbered keys, in order.</summary>
    public IEnumerable<WrittenSetting> ListOf(string key) =>
        _byKey
            .Values.Where(e => e.Key.Equals(key, StringComparison.OrdinalIgnoreCase) || IsItemOf(key, e.Key))
            .OrderBy(e => e.Key.Length)
            .ThenBy(e => e.Key, StringComparer.OrdinalIgnoreCase);

    private void Put(string key, string name, string value) => _byKey[key] = new WrittenSetting(key, name, value);

    private static string KeyOf(string name) =>
        name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static bool IsItemOf(string key, string other) =>
        other.Length > key.Length
        && other.StartsWith(key, StringComparison.OrdinalIgnoreCase)
        && other[key.Length] == ':'
        && int.TryParse(other.AsSpan(key.Length + 1), out _);

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordBoundary();
}
