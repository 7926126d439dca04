namespace RalmActors.Trainer.Actors;

/// <summary>A thread per actor, kept for its life: the tensors' scopes are bound to the thread.</summary>
public static class TrainerDispatcher
{
    public const string Name = "akka.actor.ralm-trainer-dispatcher";

    public const string Hocon = $$"""
        {{Name}} { type = PinnedDispatcher, executor = fork-join-executor }
        """;
}
