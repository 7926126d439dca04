namespace RalmActors.Messages.Telemetry;

/// <summary>An event that is counted by more than its name. The shell calls it once, when the journal has it; never at a replay.</summary>
public interface IMeasuredEvent
{
    void Measure();
}
