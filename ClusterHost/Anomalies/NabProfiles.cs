using System.Text.Json;
using Ralm.Drift.Anomalies.Benchmark;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>The three profiles of the benchmark, by what its configuration says that things cost.</summary>
public sealed record NabProfiles(NabProfile Standard, NabProfile LowFalsePositives, NabProfile LowFalseNegatives)
{
    /// <param name="root">Of <c>config/profiles.json</c>.</param>
    public static NabProfiles Of(JsonElement root) =>
        new(
            ProfileOf(root.GetProperty("standard")),
            ProfileOf(root.GetProperty("reward_low_FP_rate")),
            ProfileOf(root.GetProperty("reward_low_FN_rate"))
        );

    private static NabProfile ProfileOf(JsonElement profile)
    {
        var costs = profile.GetProperty("CostMatrix");
        return new(
            costs.GetProperty("tpWeight").GetDouble(),
            costs.GetProperty("fnWeight").GetDouble(),
            costs.GetProperty("fpWeight").GetDouble()
        );
    }
}
