namespace RalmActors.ClusterHost.Doctor;

/// <summary>One thing looked at.</summary>
/// <param name="Ok"><c>true</c> present, <c>false</c> needed and missing, <c>null</c> missing but not needed.</param>
public sealed record CheckResult(string Subject, bool? Ok, string Text)
{
    public override string ToString() =>
        $"{Ok switch
        {
            true => "ok     ",
            false => "MISSING",
            null => "-      ",
        }} {Subject, -12} {Text}";
}
