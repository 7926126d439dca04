using System.Globalization;

namespace Ralm.Drift.Detectors;

/// <summary>A detector that cannot be made: names field, value and rule.</summary>
public sealed class DetectorSettingException : Exception
{
    public DetectorSettingException(string field, string value, string rule)
        : base($"{field} \"{value}\": {rule}")
    {
        (Field, Value, Rule) = (field, value, rule);
    }

    internal DetectorSettingException(string field, double value, string rule)
        : this(field, value.ToString(CultureInfo.InvariantCulture), rule) { }

    public DetectorSettingException()
        : this("", "", "") { }

    public DetectorSettingException(string message)
        : base(message) { }

    public DetectorSettingException(string message, Exception inner)
        : base(message, inner) { }

    public string Field { get; } = "";

    public string Value { get; } = "";

    public string Rule { get; } = "";
}
