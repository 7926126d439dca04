using System.Globalization;
using System.Text.Json;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Why;

/// <summary>Reads a journal once and tells a <see cref="CausalChain"/> what it says of runs, versions, lineages, retrainings and tests.</summary>
public sealed class JournalCauses
{
    private static readonly string[] Prefixes = ["Retraining", "Reaction"];

    /// <summary>How persistence ids begin, and who hears what follows: asked of every event of the journal.</summary>
    private readonly (string Prefix, Action<string, IEvent> Hear)[] _regions;

    public JournalCauses() =>
        _regions = [
            ($"{RegionNames.Lineage}-", OfLineage),
            ($"{RegionNames.Retraining}-", OfRetraining),
            ($"{RegionNames.TrainingRun}-", OfRun),
            ($"{RegionNames.Registry}-", OfFamily),
            ($"{RegionNames.AbTest}-", OfTest),
        ];

    public CausalChain Chain { get; } = new();

    /// <param name="persistenceId">Whose event it is.</param>
    public void Hear(string persistenceId, IEvent e)
    {
        foreach (var (prefix, hear) in _regions)
        {
            if (persistenceId.StartsWith(prefix, StringComparison.Ordinal))
            {
                hear(persistenceId[prefix.Length..], e);
                return;
            }
        }
    }

    private void OfLineage(string id, IEvent e)
    {
        var lineage = new Subject(RegionNames.Lineage, id);
        switch (e)
        {
            case LineageOpened opened:
                Chain.Link(Version(opened.VersionId), lineage);
                Tell(lineage, e, $"opened from version {opened.VersionId} of {opened.Family}");
                break;
            case LineageTuned { Reason.Length: > 0 } tuned:
                Tell(lineage, e, $"settings {tuned.Version} behind batch {tuned.BatchNr}: {tuned.Reason}");
                break;
            case DriftNoticed noticed:
                Tell(
                    lineage,
                    e,
                    Words(
                        $"alarm at batch {noticed.BatchNr}: predictions worse since {noticed.SamplesSince} samples, log loss {noticed.LossSince:F3}"
                    )
                );
                break;
            case ReactionEnded ended:
                Tell(
                    lineage,
                    e,
                    $"alarm of batch {ended.AlarmBatchNr} closed at batch {ended.BatchNr}: {Word(ended.Outcome)}"
                );
                break;
            case LineageFellBehind behind:
                Tell(
                    lineage,
                    e,
                    Words(
                        $"fell behind the version it started from since batch {behind.SinceBatchNr}, by {behind.ExcessLoss:F3} nats over {behind.Samples} samples"
                    )
                );
                break;
            case LineageRolledBack back:
                Tell(lineage, e, $"rolled back to batch {back.ToBatchNr} behind batch {back.BatchNr}: {back.Reason}");
                break;
            case RetrainingAsked asked:
                Chain.Link(lineage, new Subject(RegionNames.Retraining, asked.RetrainingId));
                Tell(lineage, e, $"asked for {RegionNames.Retraining}/{asked.RetrainingId}: {asked.Reason}");
                break;
            case RetrainingRecorded recorded:
                Tell(
                    lineage,
                    e,
                    $"{RegionNames.Retraining}/{recorded.RetrainingId} closed: {Word(recorded.Outcome)}: {recorded.Reason}"
                );
                break;
            case LineageClosed closed:
                Tell(lineage, e, $"closed: {closed.Reason}");
                break;
        }
    }

    private void OfRetraining(string id, IEvent e)
    {
        var retraining = new Subject(RegionNames.Retraining, id);
        switch (e)
        {
            case RetrainingOpened opened:
                Chain.Link(new Subject(RegionNames.Lineage, opened.LineageId), retraining);
                Tell(
                    retraining,
                    e,
                    $"opened on what {opened.LineageId} has seen since batch {opened.SinceBatchNr}: {opened.Reason}"
                );
                break;
            case RetrainingPrepared prepared:
                Tell(
                    retraining,
                    e,
                    $"{prepared.Rows} rows of batches {prepared.FirstBatchNr} to {prepared.LastBatchNr}, {prepared.RowsSince} of them since the change: dataset {prepared.DatasetHash[..12]}"
                );
                break;
            case RetrainingRunBegun:
                Chain.Link(retraining, new Subject(RegionNames.TrainingRun, id));
                break;
            case RetrainingTestPlanned planned:
                Chain.Link(retraining, new Subject(RegionNames.AbTest, planned.ExperimentId));
                Tell(
                    retraining,
                    e,
                    $"tested by {planned.ExperimentId} against the champion {planned.ChampionVersionId}"
                );
                break;
            case RetrainingEnded ended:
                Tell(retraining, e, $"closed: {Word(ended.Outcome)}: {ended.Reason}");
                break;
        }
    }

    private void OfRun(string id, IEvent e)
    {
        var run = new Subject(RegionNames.TrainingRun, id);
        switch (e)
        {
            case TrainingStarted started:
                Tell(run, e, $"started on dataset {started.DatasetHash[..12]}");
                break;
            case TrainingCompleted completed:
                Tell(run, e, $"completed ({completed.Reason}) with epoch {completed.BestEpoch}{Auc(completed)}");
                break;
            case TrainingFailed failed:
                Tell(run, e, $"failed: {failed.Reason}");
                break;
            case TrainingCancelled cancelled:
                Tell(run, e, $"cancelled: {cancelled.Reason}");
                break;
        }
    }

    private void OfFamily(string family, IEvent e)
    {
        switch (e)
        {
            case VersionRegistered registered:
                var version = Version(registered.VersionId);
                var (kind, of) = registered.ProducedBy.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
                    ? (registered.ProducedBy[..slash], registered.ProducedBy[(slash + 1)..])
                    // A promotion names the lineage alone.
                    : (RegionNames.Lineage, registered.ProducedBy);
                Chain.Link(new Subject(kind, of), version);
                Chain.Link(Version(registered.ParentVersionId), version);
                Tell(version, e, $"registered in {family}, made by {kind}/{of}");
                break;
            case StageSet { ExperimentId.Length: > 0 } staged:
                // What a test makes the champion came of the test, too.
                Chain.Link(new Subject(RegionNames.AbTest, staged.ExperimentId), Version(staged.VersionId));
                Tell(
                    Version(staged.VersionId),
                    e,
                    $"{Word(staged.Stage)} by {RegionNames.AbTest}/{staged.ExperimentId}: {staged.Reason}"
                );
                break;
            case StageSet staged:
                Tell(Version(staged.VersionId), e, $"{Word(staged.Stage)}: {staged.Reason}");
                break;
        }
    }

    private void OfTest(string id, IEvent e)
    {
        var test = new Subject(RegionNames.AbTest, id);
        switch (e)
        {
            case ExperimentCreated created:
                foreach (var arm in created.Definition.Arms)
                {
                    Chain.Link(Version(arm.VersionId), test);
                    Chain.Link(new Subject(RegionNames.Lineage, arm.LineageId), test);
                }

                Chain.Link(new Subject(RegionNames.AbTest, created.RolloutOf), test);
                Tell(test, e, $"compares {string.Join(" with ", created.Definition.Arms.Select(Arm))}");
                break;
            case ExperimentStarted { Phase: 1 }:
                Tell(test, e, "started");
                break;
            case ExperimentDecided decided:
                Tell(test, e, $"verdict: {decided.Verdict.Recommendation}");
                break;
            case PromotionStepTaken taken:
                Tell(test, e, $"{Word(taken.Step)} {(taken.Passed ? "passed" : "failed")}: {taken.Reason}");
                break;
            case ExperimentPromoted promoted:
                Tell(test, e, $"promoted {promoted.VersionId}");
                break;
            case ExperimentRolledBack back:
                Tell(test, e, $"rolled back: {back.Reason}");
                break;
        }
    }

    private void Tell(Subject subject, IEvent e, string what) =>
        Chain.Tell(e.Header?.At?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch, subject, what);

    private static Subject Version(string id) => new(Subject.Version, id);

    private static string Arm(Arm arm) =>
        arm.LineageId.Length > 0 ? $"{arm.Name} (lineage {arm.LineageId})" : $"{arm.Name} (version {arm.VersionId})";

    private static string Auc(TrainingCompleted completed) =>
        completed.Metrics.FirstOrDefault(m => m.Name == "valid_auc") is { } auc ? Words($", AUC {auc.Value:F4}") : "";

    private static string Words(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);

    /// <summary>A choice in words, without the prefix that keeps it apart from those of others.</summary>
    private static string Word<T>(T choice)
        where T : struct, Enum
    {
        var name = $"{choice}";
        var words = Prefixes.FirstOrDefault(p => name.Length > p.Length && name.StartsWith(p, StringComparison.Ordinal))
            is { } prefix
            ? name[prefix.Length..]
            : name;
        return JsonNamingPolicy.SnakeCaseLower.ConvertName(words).Replace('_', ' ');
    }
}
