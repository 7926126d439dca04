namespace Ralm.Ranking.Schema;

/// <summary>How one raw feature becomes numbers.</summary>
public enum FeatureKind
{
    /// <summary>Scaled, then an indicator that is 1 when it is missing.</summary>
    Number,

    /// <summary>One-hot over the vocabulary, then "other", then "missing".</summary>
    Category,

    /// <summary>Shares over the vocabulary that add up to 1, then the share of unknown tags, then "missing".</summary>
    Tags,

    /// <summary>Latitude and longitude, each standardised, then "missing".</summary>
    Position,

    /// <summary>One-hot over buckets of the text's hash, then "missing": for more values than a vocabulary may hold.</summary>
    Hashed,

    /// <summary>Words of a text, hashed: shares over buckets that add up to 1, then "missing".</summary>
    Tokens,

    /// <summary>Local time: sine and cosine of the hour of the day and of the week, weekend, then "missing".</summary>
    Time,

    /// <summary>Tags as a point in the space of their truncated singular value decomposition, then "missing".</summary>
    Latent,

    /// <summary>Tags that are no input by themselves: what pairs are made of.</summary>
    Bag,

    /// <summary>The person's own id, as <see cref="Hashed"/>: who it is, where nothing else is known of them.</summary>
    Id,
}

/// <summary>How a number is brought into range.</summary>
public enum Scaling
{
    /// <summary>Minus the mean, over the standard deviation, clipped at ten.</summary>
    Standard,

    /// <summary>From the smallest value, 0, to the largest, 1, clipped.</summary>
    MinMax,

    /// <summary>Its rank among the training values, -1 to 1: for long tails.</summary>
    Quantile,
}
