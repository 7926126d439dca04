using System.Text.RegularExpressions;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>One way to do a thing: what another way would look like is nowhere in the product's sources.</summary>
public sealed partial class OneWaySpecs
{
    private static readonly string[] Rooms =
    [
        "AbTesting.Actors",
        "ClusterHost",
        "Monitor.Actors",
        "OnlineLearner.Actors",
        "Ralm",
        "Scorer.Actors",
        "Shared.Messages",
        "Trainer.Actors",
    ];

    /// <summary>An entity's answer is one of four: whoever asks for a reply alone cannot tell them apart.</summary>
    [Fact]
    public void Entities_are_asked_by_AskFor_alone()
    {
        var replies = typeof(IWireMessage)
            .Assembly.GetExportedTypes()
            .Where(t => t.IsAssignableTo(typeof(IWireMessage)))
            .Select(t => t.Name)
            .Append("object")
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(
            ["Shared.Messages/Entities/Asking.cs"],
            Lines(Asked()).Where(m => replies.Contains(m.Match.Groups["reply"].Value)).Select(m => m.File)
        );
    }

    /// <summary>A rule about a field is a rejection, or null: nobody makes a decision to take it apart again.</summary>
    [Fact]
    public void A_rejection_is_made_by_Rejections_or_Limits() => Assert.Empty(Lines(TakenApart()).Select(m => m.File));

    /// <summary>A timer says what is to be done; a message class of its own for each would only name it.</summary>
    [Fact]
    public void Timers_are_started_by_Ticks_alone() =>
        Assert.Equal(["Shared.Messages/Entities/Tick.cs"], Lines(TimerStarted()).Select(m => m.File).Distinct());

    /// <summary>
    /// A spec waits by <c>Eventually</c>, which is patient and says what it waited for. Who pauses in a loop of its own does not
    /// wait for anything: senders that keep a pace or do as they are told, moments to be killed at, and a measure that looks
    /// more often.
    /// </summary>
    [Fact]
    public void No_spec_has_a_waiting_loop_of_its_own() =>
        Assert.Equal(
            [
                "tests/Cluster.Specs/ConnectionSpecs.cs",
                "tests/Cluster.Specs/SharedUnitsKillSpecs.cs",
                "tests/Cluster.Specs/StopSpecs.cs",
                "tests/Cluster.Specs/Support/HostProcess.cs",
                "tests/Cluster.Specs/Support/RestLoad.cs",
                "tests/Trainer.Actors.Tests/Studies/StudyMeasures.cs",
            ],
            from project in Directory.EnumerateDirectories(RepositoryFiles.PathOf("tests"))
            where Path.GetFileName(project) is not ("Architecture.Specs" or "Benchmarks" or "TestSupport")
            from file in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            where HasPausingLoop(File.ReadAllText(file))
            let name = Path.GetRelativePath(RepositoryFiles.PathOf(""), file)
            orderby name
            select name
        );

    [Theory]
    [InlineData("while (!done) { await Task.Delay(5); }", true)]
    [InlineData("while (Next(out var x) is { } y && (y > 2)) { await Task.Delay(5); }", true)]
    [InlineData("do { x++; if (x > 2) { await Task.Delay(5); } } while (!done);", true)]
    [InlineData("foreach (var x in (int[])[1, 2]) { Thread.Sleep(x); }", true)]
    [InlineData("while (!done) { x++; } await Task.Delay(5);", false)]
    [InlineData("if (done) { await Task.Delay(5); }", false)]
    public void A_waiting_loop_is_known(string code, bool loops) => Assert.Equal(loops, HasPausingLoop(code));

    /// <summary>One of the blocks around a pause belongs to a loop.</summary>
    private static bool HasPausingLoop(string code) =>
        Pause().Matches(code).Any(pause => BlocksAround(code, pause.Index).Any(head => Loop().IsMatch(head)));

    /// <summary>What stands before each opening brace that is still open.</summary>
    private static IEnumerable<string> BlocksAround(string code, int at)
    {
        var closed = 0;
        for (var i = at - 1; i >= 0; i--)
        {
            closed += code[i] switch
            {
                '}' => 1,
                '{' => -1,
                _ => 0,
            };
            if (closed < 0)
            {
                closed = 0;
                yield return code[Math.Max(0, i - 500)..i];
            }
        }
    }

    /// <summary>Lists over all entities of a region absorb the same events, read in the same way.</summary>
    [Fact]
    public void Tagged_events_are_read_by_FollowedEvents_alone() =>
        Assert.Equal(["Shared.Messages/Entities/FollowedEvents.cs"], Lines(ReadByTag()).Select(m => m.File).Distinct());

    private static IEnumerable<(string File, Match Match)> Lines(Regex pattern) =>
        from room in Rooms
        from file in Directory.EnumerateFiles(RepositoryFiles.PathOf(room), "*.cs", SearchOption.AllDirectories)
        from Match match in pattern.Matches(File.ReadAllText(file))
        select (Path.GetRelativePath(RepositoryFiles.PathOf(""), file), match);

    [GeneratedRegex(@"Task\.Delay\(|Thread\.Sleep\(", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Pause();

    /// <summary>The last thing before the brace: <c>do</c>, or a head in parentheses.</summary>
    [GeneratedRegex(
        @"(\bdo|\b(while|for|foreach)\s*\(([^()]|(?<open>\()|(?<-open>\)))*(?(open)(?!))\))\s*$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Loop();

    [GeneratedRegex(@"\.Ask<(?<reply>\w+)>\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Asked();

    [GeneratedRegex(@"\b(Current)?EventsByTag\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ReadByTag();

    [GeneratedRegex(@"\bStart(Single|Periodic)Timer\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TimerStarted();

    [GeneratedRegex(
        @"Decision\s*\.(Invalid|Conflict|NotFound|NotAvailable|Reject)\([^;]*?\)\s*\.Rejection",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex TakenApart();
}
