using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Cluster;

public sealed class ClaimRuleSpecs
{
    private static readonly TimeSpan Lapse = TimeSpan.FromSeconds(15);

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "a:1#1", "b:1#2" };

    [Theory]
    [InlineData("", 0, true)]
    [InlineData("a:1#1", 100, true)]
    [InlineData("b:1#2", 100, true)]
    [InlineData("c:1#3", 100, false)]
    [InlineData("a:1#9", 100, false)]
    [InlineData("c:1#3", 15_001, true)]
    [InlineData("c:1#3", -60_000, false)]
    public void A_claim_is_ours_when_one_of_us_renewed_it_last_or_nobody_does(string holder, long age, bool isOurs) =>
        Assert.Equal(isOurs, ClaimRule.IsOurs(Marker() with { Holder = holder, AgeMs = age }, Known, Lapse));

    [Fact]
    public void A_newer_release_and_other_shards_are_refused_by_name()
    {
        Marker().Check("60");
        var newer = Assert.Throws<StartRefusedException>(() => (Marker() with { Format = 2 }).Check("60"));
        Assert.Contains("written by a newer release (9.9.9, format 2", newer.Message, StringComparison.Ordinal);
        var other = Assert.Throws<StartRefusedException>(() => Marker().Check("120"));
        Assert.Contains("made with other shards (60; this release has 120)", other.Message, StringComparison.Ordinal);
    }

    private static ClusterMarker Marker() => new("id", 1, "9.9.9", "60", "a:1#1", 1, 0);
}
