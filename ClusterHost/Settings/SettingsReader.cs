using System.Globalization;

namespace RalmActors.ClusterHost.Settings;

/// <summary>
/// Reads typed values by key (<c>Persistence:Provider</c>) and collects what is wrong instead of stopping at the first
/// fault. A key is known because something reads it: what nobody has read is refused by <see cref="Finish"/>.
/// </summary>
/// <param name="written">What the owner wrote: environment variables, files, options.</param>
public sealed class SettingsReader(WrittenSettings written)
{
    private const string Hidden = "***";

    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SettingError> _errors = [];

    /// <summary>Everything that has been read so far.</summary>
    public IReadOnlyCollection<string> Known => _known;

    public string Text(string key, string fallback) => Find(key)?.Value ?? fallback;

    /// <summary>Like <see cref="Text"/>; its value never appears in a message.</summary>
    public string Secret(string key, string fallback = "") => Find(key)?.Value ?? fallback;

    public string OneOf(string key, string fallback, params IReadOnlyList<string> allowed)
    {
        if (Find(key) is not { } entry)
        {
            return fallback;
        }

        var match = allowed.FirstOrDefault(a => a.Equals(entry.Value, StringComparison.OrdinalIgnoreCase));
        return match ?? Refuse(entry, $"must be one of {string.Join(", ", allowed)}", fallback);
    }

    public int Whole(string key, int fallback, int min, int max) =>
        Find(key) is not { } entry ? fallback
        : int.TryParse(entry.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
        && value >= min
        && value <= max
            ? value
        : Refuse(entry, $"must be a whole number from {min} to {max}", fallback);

    /// <summary>A number above <paramref name="above"/>, up to <paramref name="max"/>.</summary>
    public double Number(string key, double fallback, double above, double max) =>
        Find(key) is not { } entry ? fallback
        : double.TryParse(entry.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && value > above
        && value <= max
            ? value
        : Refuse(entry, $"must be a number above {above} and at most {max}", fallback);

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, either included.</summary>
    public double Between(string key, double fallback, double min, double max) =>
        Find(key) is not { } entry ? fallback
        : double.TryParse(entry.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && value >= min
        && value <= max
            ? value
        : Refuse(entry, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"), fallback);

    public TimeSpan Seconds(string key, double fallback, double above, double max) =>
        TimeSpan.FromSeconds(Number(key, fallback, above, max));

    public bool Flag(string key, bool fallback = false) =>
        Find(key) is not { } entry ? fallback
        : bool.TryParse(entry.Value, out var value) ? value
        : Refuse(entry, "must be true or false", fallback);

    /// <summary>Comma-separated, or one value per numbered key (<c>Roles:0</c>, <c>Roles:1</c>).</summary>
    public IReadOnlyList<string> List(string key, Func<string, string?>? rule = null)
    {
        _known.Add(key);
        var values = new List<string>();
        foreach (var entry in written.ListOf(key))
        {
            _known.Add(entry.Key);
            foreach (var item in entry.Value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (item.Length == 0)
                {
                    continue;
                }

                if (rule?.Invoke(item) is { } broken)
                {
                    _errors.Add(new SettingError(entry.Name, item, broken));
                    continue;
                }

                values.Add(item);
            }
        }

        return values;
    }

    /// <summary>A rule that more than one setting has part in, or that only the reader's caller can check.</summary>
    public void Require(bool holds, string key, string rule, bool secret = false)
    {
        if (!holds)
        {
            var entry = Find(key);
            _errors.Add(
                new SettingError(entry?.Name ?? WrittenSettings.NameOf(key), secret ? Hidden : entry?.Value ?? "", rule)
            );
        }
    }

    /// <exception cref="SettingsException">A value broke its rule, or a key is none of ours.</exception>
    public void Finish()
    {
        foreach (var entry in written.Entries.Where(e => !_known.Contains(e.Key)))
        {
            var nearest = NearMiss.Of(entry.Key, _known);
            var hint = nearest is null ? "" : $"; did you mean {WrittenSettings.NameOf(nearest)}?";
            _errors.Add(new SettingError(entry.Name, Hidden, $"is not a setting{hint}"));
        }

        if (_errors.Count > 0)
        {
            throw new SettingsException(_errors);
        }
    }

    private WrittenSetting? Find(string key)
    {
        _known.Add(key);
        return written.Find(key) is { Value.Length: > 0 } entry ? entry : null;
    }

    private T Refuse<T>(WrittenSetting entry, string rule, T fallback)
    {
        _errors.Add(new SettingError(entry.Name, entry.Value, rule));
        return fallback;
    }
}
