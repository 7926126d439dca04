using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Evaluation;

/// <summary>
/// The evaluations asked for of one model family, in that order. One is judged at a time; what has come out is the
/// registry's to keep, or the run's that has asked for it before it registers the version.
/// </summary>
public sealed record EvaluationQueue(string Family, ImmutableList<RequestedEvaluation> Asked)
    : IEntityState<EvaluationQueue>
{
    /// <summary>More would be weeks of work: somebody asks in a loop.</summary>
    public const int MaxWaiting = 1_000;

    /// <summary>Those that are over and still told of.</summary>
    public const int Remembered = 100;

    /// <summary>What is to be judged, or told to the registry, before all others; <c>null</c> when nothing is.</summary>
    public RequestedEvaluation? Next => Asked.Find(e => !IsOver(e));

    public static EvaluationQueue Empty(string entityId) => new(entityId, []);

    public static EvaluationQueue FromSnapshot(string entityId, IWireMessage snapshot) =>
        new(entityId, [.. ((EvaluationsSnapshot)snapshot).Evaluations]);

    public IWireMessage ToSnapshot() => new EvaluationsSnapshot { Evaluations = { Asked } };

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command is RequestEvaluation c ? Decide(c) : throw new NotSupportedException(command.GetType().Name);

    public EvaluationQueue Apply(IEvent e) =>
        e switch
        {
            EvaluationRequested requested => Add(requested),
            EvaluationEnded ended => Change(
                r => IsOf(r, ended.VersionId, ended.DatasetHash, ended.RunId),
                r => End(r, ended)
            ),
            EvaluationHandedOver over => Change(
                r => IsOf(r, over.VersionId, over.DatasetHash, over.RunId),
                r => HandOver(r, over.Refused)
            ),
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is not GetEvaluations ? throw new NotSupportedException(query.GetType().Name)
        : Asked.IsEmpty ? new NotFoundReply { Region = RegionNames.Evaluation, EntityId = Family }
        : new EvaluationsReply { Family = Family, Evaluations = { Asked } };

    /// <summary>The trainer has judged it, or cannot and why. <c>null</c> when that is not waited for.</summary>
    public Decision? End(
        RequestedEvaluation of,
        EvaluationRef? evaluation,
        IEnumerable<Metric> metrics,
        string reason
    ) =>
        Find(of.VersionId, of.DatasetHash, of.RunId) is not { Status: EvaluationStatus.EvaluationPending }
            ? null
            : Decision.Accept(
                new EvaluationEnded
                {
                    VersionId = of.VersionId,
                    DatasetHash = of.DatasetHash,
                    Evaluation = evaluation,
                    Metrics = { metrics },
                    Reason = reason,
                    RunId = of.RunId,
                }
            );

    /// <summary>One at a time, as they are judged: the registry is told, or the run that waits for it.</summary>
    public IEnumerable<OutgoingCommand> Outbox =>
        Next is not { Status: EvaluationStatus.EvaluationJudged } judged ? []
        : judged.RunId.Length > 0
            ? [new OutgoingCommand(KeyOf(judged), typeof(TrainingRunRegion), () => RecordingOfRun(judged))]
        : [new OutgoingCommand(KeyOf(judged), typeof(RegistryRegion), () => Recording(judged))];

    /// <summary>The registry has the evaluation, or will not have it; so has the run. <c>null</c> when that is known already.</summary>
    public Decision? Settle(Settlement settled) =>
        Asked.Find(e => e.Status == EvaluationStatus.EvaluationJudged && KeyOf(e) == settled.Key) is not { } judged
            ? null
            : Decision.Accept(
                new EvaluationHandedOver
                {
                    VersionId = judged.VersionId,
                    DatasetHash = judged.DatasetHash,
                    Refused = settled.Reason,
                    RunId = judged.RunId,
                }
            );

    /// <summary>Who is told, of what.</summary>
    public static string KeyOf(RequestedEvaluation judged) =>
        judged.RunId.Length > 0 ? $"{RegionNames.TrainingRun}/{judged.RunId}" : judged.Evaluation.Hash;

    /// <summary>What the registry is told, as often as needed: the command id makes it one effect.</summary>
    public RecordEvaluation Recording(RequestedEvaluation judged) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = $"evaluated:{judged.Evaluation.Hash}",
                CorrelationId = judged.CorrelationId,
            },
            Family = Family,
            VersionId = judged.VersionId,
            DatasetHash = judged.DatasetHash,
            Evaluation = judged.Evaluation,
            Metrics = { judged.Metrics },
        };

    private static RecordRunEvaluation RecordingOfRun(RequestedEvaluation judged) =>
        new()
        {
            Header = new CommandHeader
            {
                CommandId = $"evaluated:{judged.RunId}",
                CorrelationId = judged.CorrelationId,
            },
            RunId = judged.RunId,
            Evaluation = judged.Evaluation,
            Metrics = { judged.Metrics },
            Reason = judged.Reason,
        };

    private Decision Decide(RequestEvaluation c) =>
        EvaluationRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Find(c.VersionId, c.DatasetHash, c.RunId) is { Status: not EvaluationStatus.EvaluationFailed }
            ? Decision.Nothing
        : Asked.Count(e => !IsOver(e)) >= MaxWaiting
            ? Decision.Reject(RejectionCode.Overloaded, "family", Family, $"has {MaxWaiting:N0} evaluations that wait")
        : Decision.Accept(
            new EvaluationRequested
            {
                VersionId = c.VersionId,
                DatasetPath = c.DatasetPath,
                DatasetHash = c.DatasetHash,
                Artifact = c.Artifact,
                Epochs = { c.Epochs },
                RunId = c.RunId,
            }
        );

    private EvaluationQueue Add(EvaluationRequested e)
    {
        var asked = new RequestedEvaluation
        {
            VersionId = e.VersionId,
            DatasetPath = e.DatasetPath,
            DatasetHash = e.DatasetHash,
            Artifact = e.Artifact,
            Epochs = { e.Epochs },
            RequestedAt = e.Header?.At,
            CorrelationId = e.Header?.CorrelationId ?? "",
            Status = EvaluationStatus.EvaluationPending,
            RunId = e.RunId,
        };
        // One that failed is asked for anew, behind the others.
        return this with { Asked = Asked.RemoveAll(r => IsOf(r, e.VersionId, e.DatasetHash, e.RunId)).Add(asked) };
    }

    /// <summary>Messages are mutable, states are not: the next form of an evaluation is a copy.</summary>
    private EvaluationQueue Change(Predicate<RequestedEvaluation> of, Action<RequestedEvaluation> change)
    {
        var place = Asked.FindIndex(of);
        if (place < 0)
        {
            return this;
        }

        var next = Asked[place].Clone();
        change(next);
        var asked = Asked.SetItem(place, next);
        var over = asked.Count(IsOver);
        return this with { Asked = over > Remembered ? asked.Remove(asked.Find(IsOver)!) : asked };
    }

    private static void End(RequestedEvaluation r, EvaluationEnded e)
    {
        // A run is told of a failure too: it waits.
        r.Status =
            e.Evaluation is null && e.RunId.Length == 0
                ? EvaluationStatus.EvaluationFailed
                : EvaluationStatus.EvaluationJudged;
        (r.Evaluation, r.Reason) = (e.Evaluation, e.Reason);
        r.Metrics.Add(e.Metrics);
    }

    private static void HandOver(RequestedEvaluation r, string refused) =>
        (r.Status, r.Reason) =
            refused.Length > 0 ? (EvaluationStatus.EvaluationFailed, refused)
            : r.Evaluation is null ? (EvaluationStatus.EvaluationFailed, r.Reason)
            : (EvaluationStatus.EvaluationRecorded, r.Reason);

    private RequestedEvaluation? Find(string versionId, string datasetHash, string runId) =>
        Asked.Find(r => IsOf(r, versionId, datasetHash, runId));

    private static bool IsOf(RequestedEvaluation r, string versionId, string datasetHash, string runId) =>
        r.VersionId == versionId && r.DatasetHash == datasetHash && r.RunId == runId;

    private static bool IsOver(RequestedEvaluation r) =>
        r.Status is EvaluationStatus.EvaluationRecorded or EvaluationStatus.EvaluationFailed;
}
