using Akka.Actor;
using Akka.Event;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>What the parts of a lineage have of its shell.</summary>
internal interface ILineageShell : IWithTimers
{
    string PersistenceId { get; }

    LineageState State { get; }

    ILoggingAdapter Log { get; }

    /// <summary>Journals what a part has decided.</summary>
    /// <param name="commandId">Says what has led to it.</param>
    /// <param name="then">Once the journal has it.</param>
    void Write(Decision decision, string commandId, Action? then = null);

    /// <summary>Tells who follows lineages how this one stands.</summary>
    void Publish();
}
