using Ralm.Drift.Anomalies.Benchmark;

namespace RalmActors.ClusterHost.Anomalies;

/// <param name="Name">Group and file: <c>realTweets/Twitter_volume_FB.csv</c>.</param>
/// <param name="Windows">In which an anomaly is to be found, in order.</param>
public sealed record NabSeries(string Name, IReadOnlyList<SeriesPoint> Points, IReadOnlyList<NabWindow> Windows)
{
    public string Group => Name.Split('/')[0];
}
