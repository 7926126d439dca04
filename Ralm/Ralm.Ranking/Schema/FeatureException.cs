namespace Ralm.Ranking.Schema;

/// <summary>Raw features that a schema cannot encode. The message names the feature.</summary>
public sealed class FeatureException : Exception
{
    public FeatureException(string message)
        : base(message) { }

    public FeatureException(string message, Exception inner)
        : base(message, inner) { }

    public FeatureException() { }

    /// <summary>Where in what was asked; empty: the message alone says.</summary>
    public string Field { get; init; } = "";

    /// <summary>Of the feature.</summary>
    public string Value { get; init; } = "";

    /// <summary>The same, named from where the feature stands.</summary>
    public FeatureException Within(string side) => new(Message, this) { Field = $"{side}.{Field}", Value = Value };
}
