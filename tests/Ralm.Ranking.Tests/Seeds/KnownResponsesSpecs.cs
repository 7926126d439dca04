using System.Collections.Immutable;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Learning;
using Xunit;

namespace Ralm.Ranking.Tests.Seeds;

public sealed class KnownResponsesSpecs
{
    private static readonly string[] Ids = ["dan", "ann", "cyd", "bob"];

    [Fact]
    public void A_user_is_one_seed_since_its_first_response_and_as_new_as_its_last()
    {
        var kept = Keep([new(2, 0, 30), new(1, 0, 20), new(2, 0, 10), new(2, 0, 20)]);

        Assert.Equal([new KeptSeed(1, 20, 20), new KeptSeed(2, 10, 30)], kept[0]);
        Assert.Empty(kept[1]);
    }

    [Fact]
    public void The_newest_are_kept_and_of_equally_new_ones_those_whose_ids_come_last()
    {
        var kept = Keep([new(0, 1, 5), new(1, 1, 9), new(2, 1, 5), new(3, 1, 5)], keep: 3);

        Assert.Equal([0, 1, 2], kept[1].Select(s => s.User));
    }

    [Fact]
    public void Bytes_are_bounded_as_in_an_audience_which_keeps_at_least_one()
    {
        var half = (AudienceBounds.MaxBytes / 2) + 1;
        Assert.Equal([3], Keep([new(0, 0, 1), new(3, 0, 2)], bytes: _ => half)[0].Select(s => s.User));
        Assert.Equal([0], Keep([new(0, 0, 1)], bytes: _ => 4 * half)[0].Select(s => s.User));
        Assert.Equal([0, 3], Keep([new(0, 0, 1), new(3, 0, 2)], bytes: _ => half - 1)[0].Select(s => s.User));
    }

    [Fact]
    public void Nobody_is_a_seed_of_its_own_nor_whose_features_are_too_large()
    {
        var kept = KnownResponses.Keep(
            [new(0, 0, 1), new(1, 0, 1), new(2, 0, 1)],
            candidates: 1,
            keep: 10,
            user => Ids[user],
            user => user == 1 ? -1 : 1,
            (user, candidate) => user == 0 && candidate == 0
        );

        Assert.Equal([2], kept[0].Select(s => s.User));
    }

    private static ImmutableArray<KeptSeed>[] Keep(
        Response[] responses,
        int keep = 500,
        Func<int, int>? bytes = null
    ) => KnownResponses.Keep(responses, 2, keep, user => Ids[user], bytes ?? (_ => 1), (_, _) => false);
}
