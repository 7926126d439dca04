using System.Text;
using System.Text.Json;
using RalmActors.Messages.AbTesting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Messages.Tests.AbTesting;

/// <summary>What GrowthBook's SDKs and others put into which bucket, and where we do: every file that is there.</summary>
[Trait("Category", SharedData.Category)]
public sealed class PublishedHashSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Every_published_case_of_the_sdks_that_concerns_assignment_is_met()
    {
        var run = new VectorRun();
        foreach (var path in SharedData.Files("*.json", "ab", "growthbook"))
        {
            foreach (var section in SharedData.JsonOf(path).EnumerateObject())
            {
                Check(run, section);
            }
        }

        run.End(output);
    }

    [Fact]
    public void Every_published_hash_of_ours_is_met()
    {
        var run = new VectorRun();
        foreach (var path in SharedData.Files("*.json", "ab", "hash"))
        {
            foreach (var vector in SharedData.JsonOf(path).EnumerateArray())
            {
                foreach (var hash in vector.EnumerateObject().Where(h => h.Name is not ("user" or "experiment")))
                {
                    var user = vector.GetProperty("user").GetString()!;
                    var experiment = vector.TryGetProperty("experiment", out var e) ? e.GetString()! : null;
                    run.Check(user, hash.Name, () => IsMet(hash, user, experiment));
                }
            }
        }

        run.End(output);
    }

    /// <summary>What belongs to feature flags, pages and sessions is none of ours.</summary>
    private static void Check(VectorRun run, JsonProperty section)
    {
        if (section.Value.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (var c in section.Value.EnumerateArray())
        {
            run.Check(
                c.GetRawText(),
                section.Name,
                () =>
                    section.Name switch
                    {
                        "hash" => IsHash(c),
                        "inNamespace" => IsInNamespace(c),
                        "getBucketRange" => IsRange(c),
                        _ => false,
                    }
            );
        }
    }

    private static bool IsHash(JsonElement c)
    {
        if (c[3].ValueKind == JsonValueKind.Null)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Hash());
        }
        else
        {
            Assert.Equal(c[3].GetDouble(), Hash() / 10_000.0, 12);
        }

        return true;

        int Hash() => GrowthBook.Bucket(c[0].GetString(), c[1].GetString(), c[2].GetInt32());
    }

    private static bool IsInNamespace(JsonElement c)
    {
        var (bucket, range) = (GrowthBook.NamespaceBucket(c[2][0].GetString(), c[1].GetString()), c[2]);
        Assert.Equal(
            c[3].GetBoolean(),
            bucket >= BasisPoints(range[1].GetDouble()) && bucket < BasisPoints(range[2].GetDouble())
        );
        return true;
    }

    /// <summary>Shares that add up, in basis points: others cannot be a definition of ours.</summary>
    private static bool IsRange(JsonElement c)
    {
        var (arms, coverage, weights) = (c[1][0].GetInt32(), c[1][1].GetDouble(), c[1][2]);
        int[] shares =
            weights.ValueKind == JsonValueKind.Array
                ? [.. weights.EnumerateArray().Select(w => BasisPoints(w.GetDouble()))]
                : [.. Enumerable.Repeat(Assignment.Buckets / Math.Max(1, arms), arms)];
        if (shares.Length != arms || shares.Sum() != Assignment.Buckets || coverage is < 0 or > 1)
        {
            return false;
        }

        var assignment = new Assignment(
            new RunningExperiment
            {
                Salt = "key",
                Hashing = Hashing.Growthbook2,
                Exposure = BasisPoints(coverage),
                Cells = 1,
                Arms = { shares.Select(w => new Arm { Weight = w }) },
            }
        );
        var expected = c[2]
            .EnumerateArray()
            .Select(r => (From: BasisPoints(r[0].GetDouble()), To: BasisPoints(r[1].GetDouble())))
            .ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bucket = GrowthBook.Bucket("key", $"u{i}", 2);
            var arm = Array.FindIndex(expected, range => bucket >= range.From && bucket < range.To);
            Assert.Equal(arm, assignment.Assign($"u{i}").Arm);
        }

        return true;
    }

    private static bool IsMet(JsonProperty hash, string user, string? experiment)
    {
        switch (hash.Name)
        {
            case "growthbook_v1" when experiment is not null:
                Assert.Equal(hash.Value.GetDouble(), GrowthBook.Bucket(experiment, user, 1) / 10_000.0, 12);
                return true;
            case "growthbook_v2" when experiment is not null:
                Assert.Equal(hash.Value.GetDouble(), GrowthBook.Bucket(experiment, user, 2) / 10_000.0, 12);
                return true;
            case "murmur3_32" when experiment is not null:
                Assert.Equal(hash.Value.GetUInt32(), Murmur3.Hash(Encoding.UTF8.GetBytes($"{experiment}:{user}")));
                return true;
            case "murmur3_32_utf8" when experiment is null:
                Assert.Equal(hash.Value.GetUInt32(), Murmur3.Hash(Encoding.UTF8.GetBytes(user)));
                return true;
            case "fnv32a_utf16_units" when experiment is null:
                // Of the hash itself only the bucket is public.
                Assert.Equal((int)(hash.Value.GetUInt32() % 1000) * 10, GrowthBook.Bucket("", user, 1));
                return true;
            default:
                return false;
        }
    }

    private static int BasisPoints(double share) => (int)Math.Round(share * Assignment.Buckets);
}
