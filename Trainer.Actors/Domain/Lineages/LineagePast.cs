using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// What a lost checkpoint can be made anew from: the checkpoints before it, newest first, then the version the lineage
/// started from; and which batches on the way were set aside.
/// </summary>
/// <param name="Lost">What is to be made anew.</param>
/// <param name="Undone">Rollbacks on the way.</param>
/// <param name="Settings">By the batch behind which they hold, oldest first.</param>
public sealed record LineagePast(
    LineageCheckpointed Lost,
    ImmutableList<LineageCheckpointed> Starts,
    ImmutableHashSet<long> SetAside,
    ImmutableList<LineageRolledBack> Undone,
    ImmutableList<(long BatchNr, LineageSettings Settings)> Settings
)
{
    /// <summary>Of older ones the files are most likely gone, and the base is there.</summary>
    public const int MaxCheckpoints = 8;

    public static LineagePast Before(LineageCheckpointed lost) => new(lost, [], [], [], []);

    public LineagePast With(IEvent e) =>
        e switch
        {
            LineageOpened opened => this with
            {
                Starts = [new LineageCheckpointed { Checkpoint = opened.Base }],
                Settings = [(0, opened.EffectiveSettings)],
            },
            LineageTuned tuned => this with { Settings = Settings.Add((tuned.BatchNr, tuned.Settings)) },
            LineageRolledBack back when back.BatchNr <= Lost.BatchNr => this with
            {
                Undone = Undone.Add(back),
                Starts = Starts.RemoveAll(s => back.Undoes(s.BatchNr)),
            },
            LineageCheckpointed earlier when earlier.BatchNr < Lost.BatchNr => this with { Starts = Kept(earlier) },
            BatchSetAside aside => this with { SetAside = SetAside.Add(aside.BatchNr) },
            _ => this,
        };

    /// <summary>The samples to be learned of a batch on the way.</summary>
    public IReadOnlyList<Messages.Learning.Sample> SamplesOf(BatchAccepted batch) =>
        SetAside.Contains(batch.BatchNr) || Undone.Any(u => u.Undoes(batch.BatchNr)) ? [] : batch.Samples;

    /// <summary>As of the batch behind this one. A change behind a start is applied again.</summary>
    public LineageSettings SettingsBehind(long batchNr) =>
        Settings.LastOrDefault(s => s.BatchNr < batchNr, Settings[0]).Settings;

    // The base, which is last, stays.
    private ImmutableList<LineageCheckpointed> Kept(LineageCheckpointed earlier)
    {
        var starts = Starts.Insert(0, earlier);
        return starts.Count > MaxCheckpoints + 1 ? starts.RemoveAt(starts.Count - 2) : starts;
    }
}
