using System.Globalization;
using System.Text.Json;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a stream has told. Its properties are the keys of the line of JSON, in this order.</summary>
/// <param name="Rows">Read, the first ones with them.</param>
/// <param name="Accuracy">Of what was served, as the next two; over all rows but the first ones.</param>
/// <param name="FrozenAccuracy">Of a base that was fitted to the first rows and never updated.</param>
/// <param name="Alarms">Times that the served log loss was told to have become worse.</param>
/// <param name="Reactions">Guarded copies that won and were served from then on.</param>
/// <param name="FirstRows">That the base was fitted to; no figure counts them.</param>
/// <param name="LastLabelAccuracy">Of who repeats the last label.</param>
/// <param name="AlarmRows">At which rows, from 1, of the first hundred alarms.</param>
public sealed record StreamSummary(
    long Rows,
    double Accuracy,
    double Auc,
    double LogLoss,
    double FrozenAccuracy,
    double FrozenAuc,
    int Alarms,
    int Reactions,
    string Dataset,
    double FrozenLogLoss,
    double LastLabelAccuracy,
    int FirstRows,
    int BadRows,
    IReadOnlyList<long> AlarmRows,
    double RowsPerSecond
)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Dataset}: {Rows:N0} rows ({BadRows:N0} left out), {RowsPerSecond:N0} a second; figures without the first {FirstRows:N0}
                         accuracy    AUC  log loss
              served     {Accuracy, 8:F4} {Auc, 6:F4}  {LogLoss, 8:F4}
              frozen     {FrozenAccuracy, 8:F4} {FrozenAuc, 6:F4}  {FrozenLogLoss, 8:F4}
              last label {LastLabelAccuracy, 8:F4}
            alarms: {Alarms:N0}{Places()}; reactions that won: {Reactions:N0}
            """
        );

    private string Places() =>
        AlarmRows.Count == 0
            ? ""
            : $" (row {string.Join(", ", AlarmRows.Take(10).Select(r => r.ToString("N0", CultureInfo.InvariantCulture)))}{(Alarms > 10 ? ", ..." : "")})";
}
