using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Actors;

/// <summary>How the seeds of training data get to the audiences.</summary>
public sealed record SeedLoadOptions
{
    /// <summary>Seeds an audience keeps at most: as the users' own responses are kept; default 500.</summary>
    public int Keep { get; init; } = AudienceBounds.DefaultKeep;

    /// <summary>Audiences told at the same time: default 64.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>Audiences after which it is journaled how far the load is: default 256. A restart tells so many again.</summary>
    public int MarkEvery { get; init; } = 256;

    /// <summary>Silence of an audience after which it is told again: default 5 s.</summary>
    public TimeSpan TellAgainAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Wait before a file that could not be opened is tried again; doubles, to a minute: default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SeedLoadOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(Keep, 1, AudienceBounds.MaxKeep)
            .Within(AtOnce, 1, 10_000)
            .Within(MarkEvery, 1, 1_000_000)
            .Within(TellAgainAfter, 0.01, 3600)
            .Within(RetryAfter, 0.001, 3600);
    }
}
