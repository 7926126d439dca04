using System.IO.Hashing;
using System.Text;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Seeds;

/// <summary>Where the clusters of a candidate's seeds start: the same in training and on every node that serves.</summary>
public static class ClusterStart
{
    public static ulong Of(string candidateId) => Of(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(candidateId)));

    /// <summary>Of candidates that have no ids, by their place.</summary>
    public static ulong Of(ulong candidate) => RandomStream.Mix(4, candidate);
}
