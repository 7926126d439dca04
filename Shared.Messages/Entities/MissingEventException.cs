namespace RalmActors.Messages.Entities;

/// <summary>An entity's journal has a gap: what it says without that event is not what was acknowledged.</summary>
public sealed class MissingEventException(string persistenceId, long sequenceNr)
    : Exception($"{persistenceId}: event {sequenceNr} is missing from the journal")
{
    /// <param name="before">The event it must follow; 0 where it must be the first.</param>
    public static void ThrowUnlessNext(string persistenceId, long before, long sequenceNr)
    {
        if (sequenceNr != before + 1)
        {
            throw new MissingEventException(persistenceId, before + 1);
        }
    }
}
