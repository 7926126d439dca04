using Akka.Actor;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>Why a file that a command names must not be used; null: it may. Fails when that is not known in time.</summary>
/// <param name="field">Where the command names it.</param>
/// <param name="reference">Of a model or of an evaluation, with a well-formed hash.</param>
public delegate Task<Rejection?> ArtifactCheck(string field, IMessage reference);

/// <summary>Reads files for the entities of a node, on a thread of its own: none of theirs waits for a disk.</summary>
public sealed class ArtifactCheckerActor : ReceiveActor
{
    public const string DispatcherHocon = $$"""
        {{Dispatcher}} { type = PinnedDispatcher, executor = fork-join-executor }
        """;

    internal const string Dispatcher = "ralm.artifact-check";

    public ArtifactCheckerActor(string folder)
    {
        var files = new CheckedFiles(folder);
        Receive<Check>(m =>
        {
            try
            {
                Sender.Tell(new Checked(files.Check(m.Field, m.Reference)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Sender.Tell(new Status.Failure(e));
            }
        });
    }

    internal sealed record Check(string Field, IMessage Reference) : INoSerializationVerificationNeeded;

    internal sealed record Checked(Rejection? Rejection) : INoSerializationVerificationNeeded;
}

/// <summary>The node's one <see cref="ArtifactCheckerActor"/>.</summary>
internal static class ArtifactChecks
{
    /// <summary>A large model on a slow disk; beyond it nobody knows.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static ArtifactCheck Start(ActorSystem system, string folder)
    {
        var props = Props.Create(() => new ArtifactCheckerActor(folder));
        var checker = system.ActorOf(props.WithDispatcher(ArtifactCheckerActor.Dispatcher), "artifact-checker");
        return async (field, reference) =>
            (
                await checker.Ask<ArtifactCheckerActor.Checked>(
                    new ArtifactCheckerActor.Check(field, reference),
                    Patience
                )
            ).Rejection;
    }
}
