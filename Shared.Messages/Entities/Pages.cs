namespace RalmActors.Messages.Entities;

/// <summary>
/// Lists page by page. A page begins behind the last item of the one before, so what changes meanwhile neither repeats nor
/// hides an item that has not changed.
/// </summary>
public static class Pages
{
    private const int Default = 50;
    private const int Largest = 500;

    public static Rejection? Check(int pageSize, string token) =>
        pageSize is < 0 or > Largest ? Rejections.Invalid("page_size", pageSize, $"must be 1 to {Largest}")
        : token.Length > 0 && !token.Contains(',', StringComparison.Ordinal)
            ? Rejections.Invalid("page_token", token, "must be the next_page_token of a page before")
        : null;

    /// <summary>Items behind the one the token marks; from the beginning again when that one has moved.</summary>
    /// <param name="mark">Names an item and where it stood; with a comma.</param>
    public static (T[] Page, string Next) Of<T>(T[] found, int size, string token, Func<T, string> mark)
    {
        var from = token.Length == 0 ? 0 : Array.FindIndex(found, item => mark(item) == token) + 1;
        T[] page = [.. found.Skip(from).Take(size == 0 ? Default : size)];
        return (page, from + page.Length < found.Length ? mark(page[^1]) : "");
    }
}
