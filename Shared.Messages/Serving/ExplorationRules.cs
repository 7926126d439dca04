using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Serving;

/// <summary>What may be asked for where a list is drawn; the same for a score and for the decision that tells of it.</summary>
public static class ExplorationRules
{
    public const double LeastTemperature = 0.01;
    public const double MostTemperature = 100;

    /// <param name="field">Where it stands.</param>
    /// <returns>Null: it is as it must be, or left out.</returns>
    public static Rejection? Check(string field, Exploration? exploration) =>
        exploration is null
            ? null
            : Limits.Must(
                exploration.Epsilon is >= 0 and <= 1,
                $"{field}.epsilon",
                exploration.Epsilon,
                "must be 0 to 1"
            )
                ?? Limits.Must(
                    exploration.Temperature is 0 or (>= LeastTemperature and <= MostTemperature),
                    $"{field}.temperature",
                    exploration.Temperature,
                    "must be 0 (the highest score first) or .01 to 100"
                )
                ?? Limits.Must(
                    exploration.Epsilon > 0 || exploration.Temperature > 0,
                    field,
                    "",
                    "must have an epsilon or a temperature above 0; leave it out where nothing is to be drawn"
                );
}
