namespace Ralm.Datasets.Preparation;

/// <summary>One row as text cells; valid until the next one is asked for.</summary>
public interface ITableRow
{
    /// <summary>Where it begins.</summary>
    long Line { get; }

    /// <summary>The cell of the n-th wanted column; of a list, how it is shown.</summary>
    /// <exception cref="BadTableException">The row as a whole cannot be read; the next ones may be.</exception>
    string this[int wanted] { get; }

    /// <summary>Where the cell is a list of its own, as JSON and Parquet have them, and not a text: its values.</summary>
    IReadOnlyList<string>? List(int wanted);
}
