namespace RalmActors.ClusterHost.Settings;

/// <summary>One setting that breaks a rule, as its owner wrote it.</summary>
public sealed record SettingError(string Field, string Value, string Rule)
{
    public override string ToString() => $"{Field} \"{Value}\" {Rule}";
}

/// <summary>The settings are unusable. All that is wrong with them is said at once; the process ends with code 2.</summary>
public sealed class SettingsException(IReadOnlyList<SettingError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<SettingError> Errors { get; } = errors;
}
