using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a definition must say, and what it leaves to the house.</summary>
internal static class DefinitionRules
{
    public const string AlwaysValid = "always_valid";
    public const string FixedHorizon = "fixed_horizon";
    public const int AllUnits = 10_000;
    public const int MaxArms = 20;

    /// <summary>Every default written out, so that a later release's defaults do not change a running test.</summary>
    public static TestDefinition Complete(string testId, TestDefinition given)
    {
        var d = given.Clone();
        d.Salt = d.Salt.Length > 0 ? d.Salt : testId;
        d.Metric = d.Metric.Length > 0 ? d.Metric : "conversion";
        d.Alpha = d.Alpha == 0 ? 0.05 : d.Alpha;
        d.Power = d.Power == 0 ? 0.8 : d.Power;
        d.MinUnitsPerArm = d.MinUnitsPerArm == 0 ? 100 : d.MinUnitsPerArm;
        d.Cells = d.Cells == 0 ? 16 : d.Cells;
        d.Method = d.Method.Length > 0 ? d.Method : AlwaysValid;
        return d;
    }

    public static Rejection? Check(TestDefinition d) =>
        Ids.Check("definition.family", d.Family)
        ?? Ids.Check("definition.salt", d.Salt)
        ?? CheckArms(d)
        ?? Range("definition.alpha", d.Alpha, d.Alpha is > 0 and < 0.5, "must be above 0 and below 0.5")
        ?? Range("definition.power", d.Power, d.Power is > 0 and < 1, "must be above 0 and below 1")
        ?? Range("definition.min_units_per_arm", d.MinUnitsPerArm, d.MinUnitsPerArm > 0, "must be positive")
        ?? Range("definition.cells", d.Cells, d.Cells is >= 1 and <= 1024, "must be 1 to 1,024")
        ?? CheckMethod(d);

    private static Rejection? CheckMethod(TestDefinition d) =>
        d.Method switch
        {
            AlwaysValid => null,
            FixedHorizon => Range(
                "definition.horizon_units",
                d.HorizonUnits,
                d.HorizonUnits > 0,
                "must be positive for a fixed horizon"
            ),
            _ => Decision.Invalid("definition.method", d.Method, $"must be {AlwaysValid} or {FixedHorizon}").Rejection,
        };

    private static Rejection? CheckArms(TestDefinition d)
    {
        if (d.Arms.Count is < 2 or > MaxArms)
        {
            return Decision.Invalid("definition.arms", d.Arms.Count, $"must be 2 to {MaxArms}").Rejection;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < d.Arms.Count; i++)
        {
            if (CheckArm($"definition.arms[{i}]", d.Arms[i], names) is { } bad)
            {
                return bad;
            }
        }

        var sum = d.Arms.Sum(a => (long)a.Weight);
        return Range("definition.arms.weight", sum, sum == AllUnits, $"must add up to {AllUnits:N0}");
    }

    private static Rejection? CheckArm(string field, Arm arm, HashSet<string> names) =>
        Ids.Check($"{field}.name", arm.Name)
        ?? (names.Add(arm.Name) ? null : Decision.Invalid($"{field}.name", arm.Name, "must not come twice").Rejection)
        ?? Range($"{field}.weight", arm.Weight, arm.Weight is >= 0 and <= AllUnits, $"must be 0 to {AllUnits:N0}")
        ?? (
            arm.VersionId.Length > 0 == arm.LineageId.Length > 0
                ? Decision
                    .Invalid($"{field}.version_id", arm.VersionId, "set this or lineage_id, one of them")
                    .Rejection
                : Ids.Check(field, arm.VersionId.Length > 0 ? arm.VersionId : arm.LineageId)
        );

    private static Rejection? Range(string field, double value, bool holds, string rule) =>
        holds ? null : Decision.Invalid(field, value.ToString(CultureInfo.InvariantCulture), rule).Rejection;
}
