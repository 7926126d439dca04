namespace Ralm.Drift.Detectors;

/// <summary>One number that a detector is made with.</summary>
/// <param name="Name">In snake_case, as in settings.</param>
/// <param name="Least">Smallest value allowed.</param>
/// <param name="Most">Largest value allowed.</param>
/// <param name="IsWhole">A whole number.</param>
public sealed record DetectorParameter(string Name, double Default, double Least, double Most, bool IsWhole = false)
{
    public string Rule => $"must be {(IsWhole ? "a whole number, " : "")}{Least:G} to {Most:G}";

    internal double Checked(double value) =>
        value >= Least && value <= Most && (!IsWhole || value == Math.Floor(value))
            ? value
            : throw new DetectorSettingException(Name, value, Rule);
}
