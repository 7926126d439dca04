using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Evaluation;

/// <summary>
/// The evaluations asked for of one model family, in that order. One is judged at a time; what has come out is the
/// registry's to keep.
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
            EvaluationEnded ended => Change(ended.VersionId, ended.DatasetHash, r => End(r, ended)),
            EvaluationHandedOver over => Change(over.VersionId, over.DatasetHash, r => HandOver(r, over.Refused)),
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
        Find(of.VersionId, of.DatasetHash) is not { Status: EvaluationStatus.EvaluationPending }
            ? null
            : Decision.Accept(
                new EvaluationEnded
                {
                    VersionId = of.VersionId,
                    DatasetHash = of.DatasetHash,
                    Evaluation = evaluation,
                    Metrics = { metrics },
                    Reason = reason,
                }
            );

    /// <summary>The registry has answered. <c>null</c> when that is known already.</summary>
    public Decision? HandOver(string evaluationHash, string refused) =>
        Asked.Find(e => e.Status == EvaluationStatus.EvaluationJudged && e.Evaluation.Hash == evaluationHash)
            is not { } judged
            ? null
            : Decision.Accept(
                new EvaluationHandedOver
                {
                    VersionId = judged.VersionId,
                    DatasetHash = judged.DatasetHash,
                    Refused = refused,
                }
            );

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

    private Decision Decide(RequestEvaluation c) =>
        EvaluationRules.Check(c) is { } rejection ? new Decision([], rejection)
        : Find(c.VersionId, c.DatasetHash) is { Status: not EvaluationStatus.EvaluationFailed } ? Decision.Nothing
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
        };
        // One that failed is asked for anew, behind the others.
        return this with { Asked = Asked.RemoveAll(r => IsOf(r, e.VersionId, e.DatasetHash)).Add(asked) };
    }

    /// <summary>Messages are mutable, states are not: the next form of an evaluation is a copy.</summary>
    private EvaluationQueue Change(string versionId, string datasetHash, Action<RequestedEvaluation> change)
    {
        var place = Asked.FindIndex(r => IsOf(r, versionId, datasetHash));
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
        r.Status = e.Evaluation is null ? EvaluationStatus.EvaluationFailed : EvaluationStatus.EvaluationJudged;
        (r.Evaluation, r.Reason) = (e.Evaluation, e.Reason);
        r.Metrics.Add(e.Metrics);
    }

    private static void HandOver(RequestedEvaluation r, string refused) =>
        (r.Status, r.Reason) =
            refused.Length == 0
                ? (EvaluationStatus.EvaluationRecorded, r.Reason)
                : (EvaluationStatus.EvaluationFailed, refused);

    private RequestedEvaluation? Find(string versionId, string datasetHash) =>
        Asked.Find(r => IsOf(r, versionId, datasetHash));

    private static bool IsOf(RequestedEvaluation r, string versionId, string datasetHash) =>
        r.VersionId == versionId && r.DatasetHash == datasetHash;

    private static bool IsOver(RequestedEvaluation r) =>
        r.Status is EvaluationStatus.EvaluationRecorded or EvaluationStatus.EvaluationFailed;
}
