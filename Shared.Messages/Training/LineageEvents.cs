namespace RalmActors.Messages.Training;

public sealed partial class LineageOpened
{
    /// <summary>Those of a lineage from before they could be changed too.</summary>
    public LineageSettings EffectiveSettings =>
        Settings
        ?? new LineageSettings
        {
            Optimizer = Optimizer,
            BatchSize = BatchSize,
            CheckpointEvery = CheckpointEvery,
            Reaction = Reaction,
            PublishEveryMs = LineageSettings.DefaultPublishEveryMs,
        };
}

public sealed partial class LineageSettings
{
    public const int DefaultPublishEveryMs = 50;
}

public sealed partial class LineageRolledBack
{
    /// <summary>The batch is not in the weights any more, nor in those that grow from them.</summary>
    public bool Undoes(long batchNr) => batchNr > ToBatchNr && batchNr <= BatchNr;
}
