using System.Collections.Immutable;

namespace Ralm.Datasets.Preparation;

/// <summary>What the tables hold, beside what is wrong with them.</summary>
/// <param name="Pairs">Null where the interactions were refused.</param>
public sealed record DataProfile(ImmutableArray<ColumnProfile> Columns, PairProfile? Pairs);

/// <summary>One feature, over all rows of its table.</summary>
/// <param name="Table">users, candidates or interactions.</param>
/// <param name="Missing">Rows without a value.</param>
/// <param name="Distinct">Different values; of tags, different tags.</param>
/// <param name="DistinctIsAtLeast">More were not told apart.</param>
/// <param name="Numbers">Null where it has none.</param>
/// <param name="Frequent">The most frequent texts.</param>
public sealed record ColumnProfile(
    string Table,
    string Feature,
    string Type,
    long Rows,
    long Missing,
    int Distinct,
    bool DistinctIsAtLeast,
    NumberProfile? Numbers,
    ImmutableArray<ValueCount> Frequent
);

/// <summary>Of times, seconds since 1970. The middle ones are of a sample where there are more than 65,536.</summary>
public sealed record NumberProfile(
    double Least,
    double LowerQuartile,
    double Median,
    double UpperQuartile,
    double Most
);

public sealed record ValueCount(string Value, long Rows);

/// <summary>Who was shown to whom, over all interactions.</summary>
/// <param name="Repeated">Rows beyond the first of their pair.</param>
/// <param name="Contradictory">Pairs with labels above 0.5 and others.</param>
/// <param name="OnBothSides">Pairs with training rows and test rows.</param>
/// <param name="TestRowsSeenInTraining">Test rows of those.</param>
/// <param name="WithThemselves">Rows whose user is the candidate.</param>
public sealed record PairProfile(
    long Rows,
    long Positives,
    int Users,
    int Candidates,
    long Pairs,
    long Repeated,
    long Contradictory,
    long OnBothSides,
    long TestRows,
    long TestRowsSeenInTraining,
    long WithThemselves
);
