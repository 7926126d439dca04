using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Ralm.Ranking.Randomness;

namespace Ralm.Datasets.Descriptions;

public enum Split : byte
{
    Train = 0,
    Valid = 1,
    Test = 2,
}

public enum SplitKind
{
    /// <summary>Each row by itself.</summary>
    Random,

    /// <summary>All rows of one value of the column together, so that no group stands on both sides.</summary>
    Group,

    /// <summary>As the column says: train, valid or test.</summary>
    Given,

    /// <summary>By the column's time: the earliest rows train, later ones validate, the last ones test.</summary>
    Time,
}

/// <summary>Which rows train, which stop the training early, and which are looked at once, at the end.</summary>
public sealed record SplitRule
{
    /// <summary>With so many the draw leaves no part empty.</summary>
    private const int ManyGroups = 1_000;

    public SplitKind Rule { get; init; } = SplitKind.Random;

    /// <summary>Group, given and time.</summary>
    public string? Column { get; init; }

    /// <summary>Time: how it is written; as <see cref="ColumnRule.Format"/>.</summary>
    public string? Format { get; init; }

    /// <summary>A column whose values belong on one side each; one found on both is warned about.</summary>
    public string? Apart { get; init; }

    /// <summary>Share of rows (or groups) for early stopping; with given, of the train rows where no row says valid.</summary>
    public double Valid { get; init; } = 0.1;

    public double Test { get; init; } = 0.1;

    /// <summary>Groups that test whatever their hash says.</summary>
    public ImmutableArray<string> TestGroups { get; init; } = [];

    /// <summary>Groups that stop the training early, and no others do.</summary>
    public ImmutableArray<string> ValidGroups { get; init; } = [];

    public ulong Seed { get; init; } = 1;

    /// <summary>Cross-validation: parts of about equal size, of which one tests. 0: none.</summary>
    public int Folds { get; init; }

    /// <summary>The part that tests, from 0.</summary>
    public int Fold { get; init; }

    public void Check()
    {
        if (Rule != SplitKind.Random && string.IsNullOrEmpty(Column))
        {
            throw new FormatException($"split.column must be set for rule {ChoiceConverter<SplitKind>.Word(Rule)}");
        }

        if (Rule == SplitKind.Random && Column is { } column)
        {
            throw new FormatException(
                $"split.column \"{column}\" is for the rules group, given and time, not for random"
            );
        }

        TimeText.Check("split.format", Format);
        if (Format is { } said && Rule != SplitKind.Time)
        {
            throw new FormatException(
                $"split.format \"{said}\" is for rule time, not for {ChoiceConverter<SplitKind>.Word(Rule)}"
            );
        }

        CheckFolds();
        CheckGroups("test_groups", TestGroups);
        CheckGroups("valid_groups", ValidGroups);
        if (TestGroups.Intersect(ValidGroups, StringComparer.Ordinal).FirstOrDefault() is { } both)
        {
            throw new FormatException($"split.test_groups and split.valid_groups both name \"{both}\"");
        }

        if (Valid is not (> 0 and < 1))
        {
            throw new FormatException($"split.valid {Valid} must be above 0 and below 1");
        }

        if (Test is not (>= 0 and < 1))
        {
            throw new FormatException($"split.test {Test} must be at least 0 and below 1");
        }

        if (Valid + Test >= 1)
        {
            throw new FormatException($"split.valid {Valid} and split.test {Test} must be below 1 together");
        }
    }

    private void CheckFolds()
    {
        if (Folds is 1 or < 0)
        {
            throw new FormatException($"split.folds {Folds} must be 0 (none) or at least 2");
        }

        if (Folds > 0 && Rule is SplitKind.Given or SplitKind.Time)
        {
            throw new FormatException(
                $"split.folds {Folds} is for the rules random and group, not for {ChoiceConverter<SplitKind>.Word(Rule)}"
            );
        }

        if (Fold < 0 || Fold >= Math.Max(1, Folds))
        {
            throw new FormatException(
                Folds == 0
                    ? $"split.fold {Fold} is for cross-validation: set split.folds"
                    : $"split.fold {Fold} must be from 0 to {Folds - 1}"
            );
        }
    }

    /// <summary>Whether the rule follows from the column as a whole, and <see cref="Over"/> must come first.</summary>
    public bool NeedsValues => Rule is SplitKind.Given or SplitKind.Group;

    /// <summary>
    /// With folds, the groups that test: every <see cref="Folds"/>-th in the order of their hashes. Of few groups, those that
    /// test and validate where the draw would leave a part without any. With given, nothing is drawn where rows say what
    /// validates.
    /// </summary>
    /// <param name="values">Of the column; may repeat, and is read as far as is needed.</param>
    /// <exception cref="FormatException">There are too few groups.</exception>
    public SplitRule Over(IEnumerable<string> values) =>
        Rule == SplitKind.Given
            ? values.Contains("valid")
                ? this with
                {
                    Valid = 0,
                }
                : this
            : OverGroups(values.Distinct(StringComparer.Ordinal));

    private SplitRule OverGroups(IEnumerable<string> groups)
    {
        var named = TestGroups.Concat(ValidGroups).ToHashSet(StringComparer.Ordinal);
        string[] known = [.. Folds > 0 || named.Count > 0 ? groups : groups.Take(ManyGroups)];
        if (named.Except(known).Order(StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new FormatException(
                $"split.test_groups or valid_groups \"{missing}\" is no value of column {Column}"
            );
        }

        if (Folds == 0 && known.Length >= ManyGroups)
        {
            return this;
        }

        string[] ordered = [.. known.OrderBy(Uniform).ThenBy(g => g, StringComparer.Ordinal)];
        if (ordered.Length < Folds)
        {
            throw new FormatException(
                $"split.folds {Folds} needs as many groups; column {Column} has {ordered.Length}: {string.Join(", ", ordered)}"
            );
        }

        var rule =
            Folds > 0 ? this with { TestGroups = [.. ordered.Where((_, k) => k % Folds == Fold)] }
            : Test > 0 && TestGroups.IsEmpty && !ordered.Any(g => Of(0, g) == Split.Test)
                ? this with
                {
                    TestGroups = [.. ordered.Take(1)],
                }
            : this;
        string[] others = [.. ordered.Where(g => rule.Of(0, g) != Split.Test)];
        if (others.Length < 2)
        {
            throw new FormatException(
                $"split.column {Column} has {ordered.Length} groups and {others.Length} of them beside those that test: two are needed, to train and to validate"
            );
        }

        var drawn = others.Count(g => rule.Of(0, g) == Split.Valid);
        return drawn == 0 || (drawn == others.Length && ValidGroups.IsEmpty)
            ? rule with
            {
                TestGroups = [.. ordered.Except(others)],
                ValidGroups = [others[0]],
            }
            : rule;
    }

    /// <summary>A pure function of the row: the same file splits the same way, in any order of reading.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="value">The split column's cell.</param>
    /// <exception cref="FormatException">Given: the cell is none of train, valid, test.</exception>
    /// <exception cref="InvalidOperationException">Time: <see cref="TimeBorders"/> know.</exception>
    public Split Of(long row, string value) =>
        Rule switch
        {
            SplitKind.Random when Folds > 0 => (int)(RandomStream.Uniform(Seed, row) * Folds) == Fold
                ? Split.Test
                : ByShare(RandomStream.Uniform(Seed + 1, row), 0),
            SplitKind.Random => ByShare(RandomStream.Uniform(Seed, row), Test),
            SplitKind.Group => TestGroups.Contains(value) ? Split.Test
            : ValidGroups.Contains(value) ? Split.Valid
            : !ValidGroups.IsEmpty ? Split.Train
            : TestGroups.IsEmpty ? ByShare(Uniform(value), Test)
            : ByShare(Uniform(value), 0),
            SplitKind.Time => throw new InvalidOperationException(
                "a split by time follows from all rows, not from one"
            ),
            _ => value switch
            {
                "train" => ByShare(RandomStream.Uniform(Seed, row), 0),
                "valid" => Split.Valid,
                "test" => Split.Test,
                _ => throw new FormatException("must be train, valid or test"),
            },
        };

    private void CheckGroups(string key, ImmutableArray<string> groups)
    {
        if (!groups.IsDefaultOrEmpty && Rule != SplitKind.Group)
        {
            throw new FormatException(
                $"split.{key} is for rule group, not for {ChoiceConverter<SplitKind>.Word(Rule)}"
            );
        }
    }

    private Split ByShare(float u, double heldOut) =>
        u < heldOut ? Split.Test
        : u < heldOut + Valid ? Split.Valid
        : Split.Train;

    private float Uniform(string group) =>
        RandomStream.Uniform(Seed, (long)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(group)) >> 1));
}
