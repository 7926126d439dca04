using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// What a search space must be: paths that exist, ranges of the field's type, and ends that a run accepts, alone or
/// together with some values of the other parameters.
/// </summary>
internal static class ParameterRules
{
    public const int MaxParameters = 32;

    private const int MaxChoices = 100;
    private const int Partners = 100;

    /// <param name="d">With every default written out.</param>
    public static Rejection? Check(StudyDefinition d)
    {
        if (d.Parameters.Count is 0 or > MaxParameters)
        {
            return Rejections.Invalid("parameters", d.Parameters.Count, $"must be 1 to {MaxParameters}");
        }

        for (var k = 0; k < d.Parameters.Count; k++)
        {
            if (CheckAlone(d.Parameters[k], $"parameters[{k}]") is { } refused)
            {
                return refused;
            }

            var path = d.Parameters[k].Path;
            if (d.Parameters.Take(k).Any(p => p.Path == path))
            {
                return Rejections.Invalid($"parameters[{k}].path", path, "must be searched once");
            }
        }

        return CheckEnds(d);
    }

    private static Rejection? CheckAlone(SearchParameter p, string field)
    {
        if (ParameterPath.Find(p.Path, out var rule) is not { } path)
        {
            return Rejections.Invalid($"{field}.path", p.Path, rule);
        }

        return p.RangeCase switch
        {
            SearchParameter.RangeOneofCase.Continuous => CheckReal(p.Continuous, path, $"{field}.continuous"),
            SearchParameter.RangeOneofCase.Integer => CheckWhole(p.Integer, path, $"{field}.integer"),
            SearchParameter.RangeOneofCase.Choices => CheckChoices(p.Choices, path, $"{field}.choices"),
            _ => Rejections.Invalid(field, path.Text, "must have a range: continuous, integer or choices"),
        };
    }

    private static Rejection? CheckReal(ContinuousRange r, ParameterPath path, string field) =>
        !path.IsReal
            ? Rejections.Invalid(field, path.Text, $"is of type {path.Type}: a continuous range needs a real number")
        : Missing(r.HasLow, r.HasHigh, field) is { } missing ? missing
        : !double.IsFinite(r.Low) ? Rejections.Invalid($"{field}.low", r.Low, "must be a finite number")
        : !double.IsFinite(r.High) || r.High <= r.Low
            ? Rejections.Invalid($"{field}.high", r.High, $"must be a finite number above low ({r.Low})")
        : r.Log && r.Low <= 0 ? Rejections.Invalid($"{field}.low", r.Low, "must be above 0 on a log scale")
        : r.GridPoints is < 2 or > 1_000
            ? Rejections.Invalid($"{field}.grid_points", r.GridPoints, "must be 2 to 1,000")
        : null;

    private static Rejection? CheckWhole(IntegerRange r, ParameterPath path, string field) =>
        !path.IsWhole && !path.IsReal
            ? Rejections.Invalid(field, path.Text, $"is of type {path.Type}: an integer range needs a number")
        : Missing(r.HasLow, r.HasHigh, field) is { } missing ? missing
        : r.Step < 1 ? Rejections.Invalid($"{field}.step", r.Step, "must be at least 1")
        : r.High <= r.Low ? Rejections.Invalid($"{field}.high", r.High, $"must be above low ({r.Low})")
        : r.Low < -(1L << 52) || r.High > 1L << 52
            ? Rejections.Invalid(field, $"{r.Low}..{r.High}", "must lie within plus and minus 2^52")
        : r.Log && 2 * r.Low <= r.Step
            ? Rejections.Invalid($"{field}.low", r.Low, $"must be above half a step ({r.Step}) on a log scale")
        : null;

    private static Rejection? Missing(bool hasLow, bool hasHigh, string field) =>
        !hasLow ? Rejections.Invalid($"{field}.low", "", "must be set")
        : !hasHigh ? Rejections.Invalid($"{field}.high", "", "must be set")
        : null;

    private static Rejection? CheckChoices(Choices r, ParameterPath path, string field)
    {
        if (r.Values.Count is < 2 or > MaxChoices)
        {
            return Rejections.Invalid($"{field}.values", r.Values.Count, $"must be 2 to {MaxChoices}");
        }

        for (var k = 0; k < r.Values.Count; k++)
        {
            if (path.Read(new ParameterValue { Text = r.Values[k] }) is null)
            {
                return Rejections.Invalid($"{field}.values[{k}]", r.Values[k], $"must be a value of type {path.Type}");
            }

            if (r.Values.IndexOf(r.Values[k]) < k)
            {
                return Rejections.Invalid($"{field}.values[{k}]", r.Values[k], "must be listed once");
            }
        }

        return null;
    }

    private static Rejection? CheckEnds(StudyDefinition d)
    {
        var space = new SearchSpace(d);
        var random = new UnitSequence(0);
        ImmutableArray<ParameterValue>[] partners =
        [
            .. Enumerable
                .Range(0, Partners)
                .Select(_ => space.Ranges.Select(r => r.At(random.Next())).ToImmutableArray()),
        ];
        for (var k = 0; k < space.Ranges.Length; k++)
        {
            foreach (var (value, field) in Ends(space.Ranges[k], $"parameters[{k}]"))
            {
                if (space.Ranges[k].Path.Read(value) is null)
                {
                    return Rejections.Invalid(
                        field,
                        Text(value),
                        $"must be a value of type {space.Ranges[k].Path.Type}"
                    );
                }

                if (space.Check([value]) is { } refused && !partners.Any(p => space.CanTrain(p.SetItem(k, value))))
                {
                    return Rejections.Invalid(
                        field,
                        Text(value),
                        $"is refused by a run: {refused.Field} {refused.Rule}"
                    );
                }
            }
        }

        return null;
    }

    private static IEnumerable<(ParameterValue Value, string Field)> Ends(SearchRange range, string field) =>
        range switch
        {
            ChoiceRange choices => Enumerable
                .Range(0, choices.Unordered)
                .Select(k => (choices.GridAt(k), $"{field}.choices.values[{k}]")),
            RealRange => [(range.GridAt(0), $"{field}.continuous.low"), (Last(range), $"{field}.continuous.high")],
            _ => [(range.GridAt(0), $"{field}.integer.low"), (Last(range), $"{field}.integer.high")],
        };

    private static ParameterValue Last(SearchRange range) => range.GridAt(range.GridSize - 1);

    private static object Text(ParameterValue value) =>
        value.ValueCase switch
        {
            ParameterValue.ValueOneofCase.Number => value.Number,
            ParameterValue.ValueOneofCase.Integer => value.Integer,
            _ => value.Text,
        };
}
