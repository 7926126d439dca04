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

    /// <summary>Not moved to <c>Ticks</c> yet. The list only gets shorter.</summary>
    private static readonly string[] TimersByHand =
    [
        "OnlineLearner.Actors/Actors/PendingUsersActor.cs",
        "OnlineLearner.Actors/Actors/PendingUsersStarter.cs",
        "Trainer.Actors/Actors/Lineages/LineageActor.Recovery.cs",
        "Trainer.Actors/Actors/Lineages/LineageActor.cs",
    ];

    /// <summary>A timer says what is to be done; a message class of its own for each would only name it.</summary>
    [Fact]
    public void Timers_are_started_by_Ticks_alone() =>
        Assert.Equal(
            TimersByHand.Append("Shared.Messages/Entities/Tick.cs").Order(StringComparer.Ordinal),
            Lines(TimerStarted()).Select(m => m.File).Distinct().Order(StringComparer.Ordinal)
        );

    private static IEnumerable<(string File, Match Match)> Lines(Regex pattern) =>
        from room in Rooms
        from file in Directory.EnumerateFiles(RepositoryFiles.PathOf(room), "*.cs", SearchOption.AllDirectories)
        from Match match in pattern.Matches(File.ReadAllText(file))
        select (Path.GetRelativePath(RepositoryFiles.PathOf(""), file), match);

    [GeneratedRegex(@"\.Ask<(?<reply>\w+)>\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Asked();

    [GeneratedRegex(@"\bStart(Single|Periodic)Timer\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TimerStarted();

    [GeneratedRegex(
        @"Decision\s*\.(Invalid|Conflict|NotFound|NotAvailable|Reject)\([^;]*?\)\s*\.Rejection",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex TakenApart();
}
