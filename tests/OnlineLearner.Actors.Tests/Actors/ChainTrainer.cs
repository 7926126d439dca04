using System.Security.Cryptography;
using Akka.Actor;
using Google.Protobuf;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>
/// A trainer whose weights are a hash chain over the batches: any batch lost, doubled or out of order gives other
/// weights. Like the real one it holds sessions in memory and loses them when it restarts.
/// </summary>
public sealed class ChainTrainer(Disk disk, ChainTrainer.Probe probe) : UntypedActor
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    protected override void OnReceive(object message)
    {
        if (message is not ILineageSessionCommand command)
        {
            Unhandled(message);
            return;
        }

        probe.Count();

        switch (command)
        {
            case OpenLineageSession open:
                var weights = disk.Artifacts.GetValueOrDefault(open.Artifact.Hash) ?? [];
                _sessions[open.LineageId] = new Session(open.SessionId, weights, open.BatchNr);
                Sender.Tell(new LineageSessionOpened(open.LineageId, open.SessionId));
                break;
            case CloseLineageSession close when Find(close) is not null:
                _sessions.Remove(close.LineageId);
                break;
            case CloseLineageSession or ChangeLearning:
                break;
            case ApplyBatch apply when Find(apply) is { } session && session.BatchNr + 1 == apply.BatchNr:
                Apply(apply, session);
                break;
            case WriteLineageCheckpoint write when Find(write) is { } session:
                var artifact = Write(session.Weights);
                Sender.Tell(new LineageCheckpointWritten(write.LineageId, write.SessionId, artifact, session.BatchNr));
                break;
            default:
                Sender.Tell(new LineageSessionFailed(command.LineageId, command.SessionId, "no such session"));
                break;
        }
    }

    /// <summary>The weights that a journal's batches give, one after the other.</summary>
    public static string WeightsOf(IEnumerable<BatchAccepted> batches) =>
        Convert.ToHexStringLower(
            batches
                .Where(b => !b.Samples.Any(IsPoison))
                .Aggregate(Array.Empty<byte>(), (weights, b) => Step(weights, b.Samples))
        );

    /// <summary>A sample from this candidate no batch can be learned with.</summary>
    public const string Poison = "poison";

    public static bool IsPoison(Sample sample) => sample.CandidateId == Poison;

    private void Apply(ApplyBatch apply, Session session)
    {
        var diverges = apply.Samples.Any(IsPoison);
        _sessions[apply.LineageId] = session with
        {
            Weights = diverges || apply.Samples.Count == 0 ? session.Weights : Step(session.Weights, apply.Samples),
            BatchNr = apply.BatchNr,
        };
        probe.Weights[apply.LineageId] = _sessions[apply.LineageId].Weights;
        Sender.Tell(
            diverges
                ? new BatchDiverged(apply.LineageId, apply.SessionId, apply.BatchNr, "poison")
                : new BatchApplied(
                    apply.LineageId,
                    apply.SessionId,
                    apply.BatchNr,
                    1.0 / apply.BatchNr,
                    apply.Samples.Count,
                    0
                )
        );
    }

    private Session? Find(ILineageSessionCommand command) =>
        _sessions.TryGetValue(command.LineageId, out var session) && session.Id == command.SessionId ? session : null;

    private ArtifactRef Write(byte[] weights)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(weights));
        disk.Artifacts[hash] = weights;
        return new ArtifactRef
        {
            Hash = hash,
            WeightsHash = hash,
            Bytes = weights.Length,
        };
    }

    private static byte[] Step(byte[] weights, IEnumerable<Sample> samples) =>
        SHA256.HashData([.. weights, .. samples.SelectMany(s => s.ToByteArray())]);

    private sealed record Session(string Id, byte[] Weights, long BatchNr);

    /// <summary>What a spec sees of the trainer, and how it breaks it.</summary>
    public sealed class Probe
    {
        private int _messagesUntilCrash;

        /// <summary>The trainer fails, and forgets its sessions, at the n-th message from now.</summary>
        public void CrashAt(int message) => Volatile.Write(ref _messagesUntilCrash, message);

        public void Count()
        {
            if (Interlocked.Decrement(ref _messagesUntilCrash) == 0)
            {
                throw new InvalidOperationException("the device is gone");
            }
        }

        public System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> Weights { get; } =
            new(StringComparer.Ordinal);

        public string WeightsOf(string lineageId) =>
            Convert.ToHexStringLower(Weights.GetValueOrDefault(lineageId) ?? []);
    }
}
