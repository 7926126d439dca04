using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Seeds;

/// <summary>A positive response of the training part, or of an earlier time.</summary>
/// <param name="User">Place among the users.</param>
/// <param name="At">Microseconds since 1970; 0: not known, older than any that is.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Response(int User, int Candidate, long At);

/// <param name="Since">The user's first response to the candidate: rows before it must not see the seed.</param>
/// <param name="At">The newest one, by which seeds are kept.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeptSeed(int User, long Since, long At);

/// <summary>
/// What the audiences would remember had every known response been told to them: the newest seeds of each candidate, each
/// user once, within the same bounds. Models are trained and judged by these, so that what is served is what was judged.
/// </summary>
public static class KnownResponses
{
    /// <param name="candidates">How many there are.</param>
    /// <param name="keep">Seeds of one candidate at most.</param>
    /// <param name="userId">Of the user at that place; ties of time are broken by it.</param>
    /// <param name="bytes">What a seed of that user takes in an audience; negative: it cannot be a seed.</param>
    /// <param name="isSelf">The user and the candidate at those places are one.</param>
    /// <returns>Per candidate, in rising order of the users' places.</returns>
    public static ImmutableArray<KeptSeed>[] Keep(
        IEnumerable<Response> responses,
        int candidates,
        int keep,
        Func<int, string> userId,
        Func<int, int> bytes,
        Func<int, int, bool> isSelf
    )
    {
        var all = new List<KeptSeed>?[candidates];
        foreach (var (user, candidate, at) in responses)
        {
            if (bytes(user) >= 0 && !isSelf(user, candidate))
            {
                (all[candidate] ??= []).Add(new KeptSeed(user, at, at));
            }
        }

        return [.. all.Select(seeds => seeds is null ? [] : Newest(Distinct(seeds), keep, userId, bytes))];
    }

    private static List<KeptSeed> Distinct(List<KeptSeed> seeds)
    {
        seeds.Sort((a, b) => a.User.CompareTo(b.User));
        var distinct = new List<KeptSeed>(seeds.Count);
        foreach (var seed in seeds)
        {
            if (distinct.Count > 0 && distinct[^1] is var last && last.User == seed.User)
            {
                distinct[^1] = new KeptSeed(seed.User, Math.Min(last.Since, seed.Since), Math.Max(last.At, seed.At));
            }
            else
            {
                distinct.Add(seed);
            }
        }

        return distinct;
    }

    /// <summary>As an audience lets go: the oldest first, until number and bytes are within their bounds.</summary>
    private static ImmutableArray<KeptSeed> Newest(
        List<KeptSeed> seeds,
        int keep,
        Func<int, string> userId,
        Func<int, int> bytes
    )
    {
        if (seeds.Count <= keep && seeds.Sum(s => (long)bytes(s.User)) <= AudienceBounds.MaxBytes)
        {
            return [.. seeds];
        }

        var newest = seeds.ToArray();
        Array.Sort(
            newest,
            (a, b) =>
                b.At.CompareTo(a.At) is var age and not 0 ? age : string.CompareOrdinal(userId(b.User), userId(a.User))
        );
        var (kept, room) = (0, (long)AudienceBounds.MaxBytes);
        while (kept < Math.Min(keep, newest.Length) && (kept == 0 || room >= bytes(newest[kept].User)))
        {
            room -= bytes(newest[kept++].User);
        }

        return [.. newest.Take(kept).OrderBy(s => s.User)];
    }
}
