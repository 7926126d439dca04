using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class LineageQuestionsSpecs
{
    private readonly LineageQuestions<string> _questions = new(most: 3);

    [Fact]
    public void All_who_want_to_know_of_one_name_share_a_question()
    {
        Assert.Equal(["a"], Ask("first", "a"));
        Assert.Empty(Ask("second", "a"));

        Assert.Equal(["first", "second"], Answer("a", LineageAnswer.There).Select(x => x.Asker));
    }

    [Fact]
    public void A_no_counts_only_for_those_who_were_there_when_it_was_asked()
    {
        Ask("before", "a");
        // The lineage is opened and acknowledged here, and then somebody else comes.
        Ask("after", "a");

        var told = Assert.Single(Answer("a", LineageAnswer.Missing, asksAgain: true));
        Assert.Equal("before", told.Asker);
        Assert.Equal(["a"], told.Missing!);

        told = Assert.Single(Answer("a", LineageAnswer.There));
        Assert.Equal("after", told.Asker);
        Assert.Empty(told.Missing!);
    }

    [Fact]
    public void Whoever_names_several_hears_when_all_are_known()
    {
        Assert.Equal(["a", "b"], Ask("one", "a", "b"));

        Assert.Empty(Answer("a", LineageAnswer.There));
        Assert.Equal(["b"], Assert.Single(Answer("b", LineageAnswer.Missing)).Missing!);
    }

    [Fact]
    public void A_silent_lineage_is_neither_there_nor_missing()
    {
        Ask("one", "a", "b");
        Answer("a", LineageAnswer.Missing);

        Assert.Null(Assert.Single(Answer("b", LineageAnswer.Silent)).Missing);
    }

    [Fact]
    public void Made_up_names_do_not_flood()
    {
        Ask("one", "a", "b", "c");

        Assert.False(_questions.TryAsk("two", ["d"], out _));
        Assert.Empty(Ask("three", "a"));
        Answer("b", LineageAnswer.Missing);
        Assert.Equal(["d"], Ask("two", "d"));
    }

    private IReadOnlyList<string> Ask(string asker, params string[] names)
    {
        Assert.True(_questions.TryAsk(asker, names, out var toAsk));
        return toAsk;
    }

    private IReadOnlyList<Answered<string>> Answer(string name, LineageAnswer answer, bool asksAgain = false)
    {
        var settled = _questions.Answer(name, answer, out var again);
        Assert.Equal(asksAgain, again);
        return settled;
    }
}
