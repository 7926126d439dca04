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

    private const string Dispatcher = "ralm.artifact-check";

    /// <summary>A large model on a slow disk; beyond it nobody knows.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

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

    public static ArtifactCheck Start(ActorSystem system, string folder)
    {
        var checker = system.ActorOf(
            Props.Create(() => new ArtifactCheckerActor(folder)).WithDispatcher(Dispatcher),
            "artifact-checker"
        );
        return async (field, reference) =>
            (await checker.Ask<Checked>(new Check(field, reference), Patience)).Rejection;
    }

    private sealed record Check(string Field, IMessage Reference) : INoSerializationVerificationNeeded;

    private sealed record Checked(Rejection? Rejection) : INoSerializationVerificationNeeded;
}
