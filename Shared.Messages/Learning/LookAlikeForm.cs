namespace RalmActors.Messages.Learning;

/// <summary>
/// The form of <see cref="Sample.LookAlike"/>: a tag of 4 bytes that names the weights it was made by, then the numbers as
/// little-endian floats. Cosines, at most 3 in size, and a third of a logarithm of a count: no score gives a larger one.
/// </summary>
public static class LookAlikeForm
{
    public const int TagBytes = sizeof(uint);

    public const int MaxNumbers = 63;

    /// <summary>In size; a third of the logarithm of 26 thousand million seeds.</summary>
    public const float MaxNumber = 8;

    /// <summary>NaN is not.</summary>
    public static bool IsWithin(float number) => Math.Abs(number) <= MaxNumber;
}
