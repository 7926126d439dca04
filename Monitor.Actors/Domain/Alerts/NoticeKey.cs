using System.Collections.Immutable;
using System.Globalization;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>Under which a notice is owed to one of the ways to people.</summary>
/// <param name="Channel">Empty: the only one.</param>
/// <param name="All">Channels that are to tell it: what all of them have told is owed no more.</param>
public sealed record NoticeKey(long NoticeNr, string Channel, ImmutableArray<string> All)
{
    private const string Word = "notice";

    public override string ToString() =>
        Channel.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Word} {NoticeNr}")
            : string.Create(CultureInfo.InvariantCulture, $"{Word} {NoticeNr} {Channel} {string.Join(',', All)}");

    /// <summary>Null: it is none.</summary>
    public static NoticeKey? Of(string key)
    {
        var words = key.Split(' ');
        return
            words.Length is 2 or 4
            && words[0] == Word
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var nr)
            ? words.Length == 2
                ? new NoticeKey(nr, "", [])
                : new NoticeKey(nr, words[2], [.. words[3].Split(',')])
            : null;
    }

    /// <summary>What is to be journaled when the channel has told it.</summary>
    public NoticeTold Told(Notice notice) =>
        new() { NoticeNr = NoticeNr, Channel = All.All(c => c == Channel || notice.ToldBy.Contains(c)) ? "" : Channel };
}
