using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>What people are still to be told, oldest first; of each rule one after another.</summary>
/// <param name="LastNr">Of all notices of the source so far.</param>
public sealed record UntoldNotices(ImmutableList<Notice> All, long LastNr)
{
    /// <summary>
    /// Of one rule. A receiver that is away for longer than so many changes hears the newest of them: the oldest two go, which are
    /// a beginning and its end.
    /// </summary>
    public const int MaxPerRule = 16;

    public static readonly UntoldNotices None = new([], 0);

    /// <summary>Of each rule the oldest that a channel has not told: the next is told when it has been.</summary>
    /// <param name="channel">Empty: the only one.</param>
    public IEnumerable<Notice> NextFor(string channel) =>
        All.IsEmpty
            ? []
            : All.Where(n => !n.ToldBy.Contains(channel)).DistinctBy(n => n.Alert.RuleId, StringComparer.Ordinal);

    public UntoldNotices Add(Notice notice)
    {
        Notice[] before = [.. All.Where(n => n.Alert.RuleId == notice.Alert.RuleId)];
        var kept = before.Length < MaxPerRule ? All : All.RemoveRange(before[..2]);
        return new UntoldNotices(kept.Add(notice), Math.Max(LastNr, notice.NoticeNr));
    }

    /// <param name="channel">Empty: all have told it.</param>
    public UntoldNotices Told(long noticeNr, string channel)
    {
        var at = All.FindIndex(n => n.NoticeNr == noticeNr);
        return at < 0 ? this
            : channel.Length == 0 ? this with { All = All.RemoveAt(at) }
            : this with { All = All.SetItem(at, new Notice(All[at]) { ToldBy = { channel } }) };
    }
}
