using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class CommandDigestSpecs
{
    [Fact]
    public void The_header_is_no_part_of_the_body()
    {
        var again = Like("ann", "bo", 1);
        again.Header = Say.Header("another");

        Assert.Equal(CommandDigest.Of(Like("ann", "bo", 1)), CommandDigest.Of(again));
    }

    [Fact]
    public void What_differs_is_named()
    {
        var (first, second) = (Like("ann", "bo", 1), Like("ann", "cy", 0));
        second.LineageIds.Add("champion");

        Assert.Equal(
            ["candidate_id", "label", "lineage_ids"],
            CommandDigest.Of(second).Differing(CommandDigest.Of(first), second)
        );
    }

    [Fact]
    public void A_zero_that_is_written_differs_from_one_left_out()
    {
        var (first, second) = (Like("ann", "bo", 0), Like("ann", "bo", 0));
        second.ClearLabel();

        Assert.Equal(["label"], CommandDigest.Of(second).Differing(CommandDigest.Of(first), second));
    }

    [Fact]
    public void The_order_of_repeated_values_counts()
    {
        var (first, second) = (Like("ann", "bo", 1), Like("ann", "bo", 1));
        first.LineageIds.Add(["a", "b"]);
        second.LineageIds.Add(["b", "a"]);

        Assert.NotEqual(CommandDigest.Of(first), CommandDigest.Of(second));
    }

    [Fact]
    public void Commands_of_two_types_with_the_same_bytes_differ()
    {
        var pause = new PauseTraining { Header = Say.Header("c"), RunId = "r" };
        var cancel = new CancelTraining { Header = Say.Header("c"), RunId = "r" };

        Assert.NotEqual(CommandDigest.Of(pause).Body, CommandDigest.Of(cancel).Body);
        Assert.True(CommandDigest.Of(pause).IsOfAnotherType(CommandDigest.Of(cancel)));
    }

    /// <summary>Digests are journaled: a release that computed others would refuse repetitions of commands before it.</summary>
    [Fact]
    public void A_digest_is_what_the_first_release_computes()
    {
        var digest = CommandDigest.Of(Like("ann", "bo", 0.5f));

        Assert.Equal((0x4254f727c4fe72e3UL, 0x7000facUL), (digest.Body, digest.Fields));
    }

    private static RecordInteraction Like(string user, string candidate, float label) =>
        new()
        {
            Header = Say.Header("c-1"),
            UserId = user,
            CandidateId = candidate,
            Label = label,
        };
}
