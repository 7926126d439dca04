using Akka.Actor;
using RalmActors.Messages.Training;

namespace RalmActors.Scorer.Actors;

internal sealed partial class SeedCacheActor
{
    /// <summary>Seeds are put into the message, and it is passed on.</summary>
    public sealed record Prepare(INeedsSeeds Message, IActorRef To) : INoSerializationVerificationNeeded;

    /// <summary>The sender needs the model. Answered by <see cref="Ready"/> once it has seen every candidate known.</summary>
    public sealed record Load(ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    public sealed record Ready(string Hash, bool Good) : INoSerializationVerificationNeeded;

    /// <summary>It had to start again, and needs its models.</summary>
    public sealed class Forgotten : INoSerializationVerificationNeeded
    {
        public static readonly Forgotten Instance = new();
    }

    /// <summary>The sender does not need the model any more.</summary>
    public sealed record Unload(string Hash) : INoSerializationVerificationNeeded;

    /// <param name="user">Null: its audience does not count.</param>
    private sealed class WaitingRequest(Prepare prepare, IActorRef replyTo, string[] candidates, string? user)
    {
        public INeedsSeeds Message => prepare.Message;

        public IActorRef To => prepare.To;

        public IActorRef ReplyTo => replyTo;

        public string[] Candidates => candidates;

        public string? User => user;
    }

    private sealed record Warm(string Hash, Queue<KeptAudience> Audiences, IActorRef ReplyTo)
        : INoSerializationVerificationNeeded;

    private sealed record Cluster(KeptAudience Audience) : INoSerializationVerificationNeeded;
}
