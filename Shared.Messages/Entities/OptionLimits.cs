using System.Runtime.CompilerServices;

namespace RalmActors.Messages.Entities;

/// <summary>The one way options say what they may be: each record's <c>Checked()</c> is a chain of these, called where a node is put together.</summary>
public static class OptionLimits
{
    /// <param name="least">Smallest value allowed.</param>
    /// <param name="most">Largest value allowed.</param>
    /// <param name="name">The option's, as the program writes it.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Names option, value and rule.</exception>
    public static TOptions Within<TOptions, TValue>(
        this TOptions options,
        TValue value,
        TValue least,
        TValue most,
        [CallerArgumentExpression(nameof(value))] string name = ""
    )
        where TValue : IComparable<TValue> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? options
            : throw new ArgumentOutOfRangeException(name, value, $"must be {least} to {most}");

    /// <summary>A time in seconds: most options are one.</summary>
    public static TOptions Within<TOptions>(
        this TOptions options,
        TimeSpan value,
        double leastSeconds,
        double mostSeconds,
        [CallerArgumentExpression(nameof(value))] string name = ""
    ) => options.Within(value, TimeSpan.FromSeconds(leastSeconds), TimeSpan.FromSeconds(mostSeconds), name);
}
