using System.Globalization;

namespace RalmActors.ClusterHost.Anomalies;

/// <param name="NabStandard">Normalised over this group alone; 0 without windows.</param>
public sealed record NabGroup(string Group, int Series, int Windows, int Found, int FalseAlarms, double NabStandard)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"  {Group, -23} {NabStandard, 6:F2}  {Found} of {Windows, -2}  {FalseAlarms}"
        );
}
