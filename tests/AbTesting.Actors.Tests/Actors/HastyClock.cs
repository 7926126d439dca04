namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>A minute passes in 50 milliseconds: ramps are not waited for.</summary>
internal sealed class HastyClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly long _began = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => Start + 1200 * System.GetElapsedTime(_began);
}
