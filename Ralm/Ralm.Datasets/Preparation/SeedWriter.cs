using System.Collections.Immutable;
using Ralm.Datasets.Files;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// Writes what the audiences know of the training part: as arrays, which a model is trained with, and as a file of raw
/// features, which the audiences are given when the model begins to serve. Both hold the same seeds.
/// </summary>
internal sealed class SeedWriter(People users, People candidates, bool mutual)
{
    private readonly List<Response> _responses = [];
    private readonly Dictionary<int, int> _bytes = [];

    /// <param name="moment">Seconds since 1970; null: not known.</param>
    public void Add(int user, int candidate, double? moment)
    {
        var at = moment is { } seconds ? Microseconds(seconds) : 0;
        _responses.Add(new Response(user, candidate, at));
        if (mutual)
        {
            _responses.Add(new Response(candidate, user, at));
        }
    }

    /// <summary>Times before 1970 are as good as none.</summary>
    public static long Microseconds(double moment) => Math.Max(0, (long)Math.Round(moment * 1e6));

    /// <returns>Seeds written.</returns>
    public int Write(PreparedFiles files, PreparationLog log)
    {
        var kept = KnownResponses.Keep(
            _responses,
            candidates.Count,
            AudienceBounds.DefaultKeep,
            users.KeyOf,
            BytesOf,
            (user, candidate) => users.KeyOf(user) == candidates.KeyOf(candidate)
        );
        var tooLarge = _bytes.Count(b => b.Value < 0);
        if (tooLarge > 0)
        {
            log.Warn(
                $"users: the features of {tooLarge:N0} who responded take more than {AudienceBounds.MaxFeatureBytes:N0} bytes: no candidate has them as a seed"
            );
        }

        WriteIds(files);
        using (var of = files.Open<int>(PreparedDataset.SeedCandidateFile))
        using (var user = files.Open<int>(PreparedDataset.SeedUserFile))
        using (var since = files.Open<long>(PreparedDataset.SeedSinceFile))
        {
            for (var candidate = 0; candidate < kept.Length; candidate++)
            {
                foreach (var seed in kept[candidate])
                {
                    of.Add(candidate);
                    user.Add(seed.User);
                    since.Add(seed.Since);
                }
            }
        }

        return WriteFile(files, kept);
    }

    private int WriteFile(PreparedFiles files, ImmutableArray<KeptSeed>[] kept)
    {
        int[] people = [.. kept.SelectMany(seeds => seeds.Select(s => s.User)).Distinct().Order()];
        var places = people.Select((user, place) => (user, place)).ToDictionary(p => p.user, p => p.place);
        var count = kept.Sum(seeds => seeds.Length);
        var isTimed = kept.Any(seeds => seeds.Any(s => s.At > 0));
        SeedFile.Write(
            files.PathOf(PreparedDataset.SeedsFile),
            new SeedFileHead
            {
                People = people.Length,
                Audiences = kept.Count(seeds => seeds.Length > 0),
                Seeds = count,
                Keep = AudienceBounds.DefaultKeep,
            },
            people.Select(user => new SeedFilePerson { UserId = users.KeyOf(user), Features = users[user] }),
            kept.Select((seeds, candidate) => (seeds, candidate))
                .Where(a => a.seeds.Length > 0)
                .Select(a => new SeedFileAudience
                {
                    UserId = candidates.KeyOf(a.candidate),
                    People = { a.seeds.Select(s => places[s.User]) },
                    At = { isTimed ? a.seeds.Select(s => s.At) : [] },
                })
        );
        return count;
    }

    private void WriteIds(PreparedFiles files)
    {
        files.WriteText(PreparedDataset.UserIdsFile, Lines(users));
        if (!ReferenceEquals(users, candidates))
        {
            files.WriteText(PreparedDataset.CandidateIdsFile, Lines(candidates));
        }
    }

    // Ids hold no line ends.
    private static string Lines(People people) =>
        string.Concat(Enumerable.Range(0, people.Count).Select(row => people.KeyOf(row) + "\n"));

    /// <summary>At most: a seed grows with the numbers an audience gives it.</summary>
    private int BytesOf(int user)
    {
        if (_bytes.TryGetValue(user, out var known))
        {
            return known;
        }

        var features = users[user];
        var seed = new Seed
        {
            UserId = users.KeyOf(user),
            Features = features,
            At = new() { Seconds = int.MaxValue, Nanos = 999_999_999 },
            SampleSeq = int.MaxValue,
            Version = int.MaxValue,
        };
        return _bytes[user] = features.CalculateSize() > AudienceBounds.MaxFeatureBytes ? -1 : seed.CalculateSize();
    }
}
