using System.Buffers;

namespace RalmActors.Messages.Entities;

/// <summary>The one rule for every id that enters the system: 1 to 128 characters of [A-Za-z0-9._:@/-].</summary>
public static class Ids
{
    public const int MaxLength = 128;

    public const string Rule = "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ / -";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@/-"
    );

    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= MaxLength && !id.ContainsAnyExcept(Allowed);

    /// <summary>The rejection for a bad id, or <c>null</c> when it is a good one.</summary>
    public static Rejection? Check(string field, string id) =>
        IsValid(id)
            ? null
            : new Rejection
            {
                Code = RejectionCode.Invalid,
                Field = field,
                Value = id.Length <= MaxLength ? id : string.Concat(id.AsSpan(0, MaxLength), "..."),
                Rule = Rule,
            };
}
