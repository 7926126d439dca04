using System.Collections.Immutable;

namespace Ralm.Models.Seeds;

/// <summary>The seeds of one request, as they were when it was passed on.</summary>
/// <param name="Candidates">Per candidate, in the request's order; null: none known.</param>
/// <param name="OfUser">Those of the user itself; only where candidates are users.</param>
internal sealed record RequestSeeds(ImmutableArray<LiveSeeds?> Candidates, LiveSeeds? OfUser)
{
    /// <summary>Audiences that were not known yet.</summary>
    public int Pending { get; init; }

    public LiveSeeds? Of(int row) => Candidates[row];

    /// <summary>Seeds that the row's score rests on.</summary>
    public int CountOf(int row, string user, string candidate) =>
        (Candidates[row]?.CountWithout(user) ?? 0) + (OfUser?.CountWithout(candidate) ?? 0);
}
