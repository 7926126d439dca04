namespace RalmActors.Messages.Learning;

/// <summary>How much an audience remembers: the same where a model is trained, judged and served.</summary>
public static class AudienceBounds
{
    /// <summary>Seeds, the newest, where nobody says otherwise.</summary>
    public const int DefaultKeep = 500;

    public const int MaxKeep = 10_000;

    /// <summary>Bytes of all seeds on the wire.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Bytes of the seeds of one command; it must fit a remoting frame of 128,000 bytes.</summary>
    public const int MaxCommandBytes = 64 * 1024;

    /// <summary>Bytes of one seed's features: whoever has more cannot be told of by an interaction either.</summary>
    public const int MaxFeatureBytes = 16 * 1024;
}
