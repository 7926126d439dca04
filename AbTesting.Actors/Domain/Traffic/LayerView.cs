using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Traffic;

/// <summary>One layer, for people: who has what, and what is free.</summary>
internal static class LayerView
{
    public static LayerReply Of(string family, string layer, IEnumerable<TrafficClaim> claims)
    {
        var reply = new LayerReply { Family = family, Layer = layer };
        reply.Claims.Add(
            claims
                .Where(c => c.Layer?.Name == layer)
                .OrderBy(c => c.Layer.From)
                .ThenBy(c => c.ExperimentId, StringComparer.Ordinal)
        );
        var from = 0;
        foreach (var taken in reply.Claims.Select(c => c.Layer))
        {
            Add(reply, from, taken.From);
            from = Math.Max(from, taken.To);
        }

        Add(reply, from, Assignment.Buckets);
        return reply;
    }

    private static void Add(LayerReply reply, int from, int to)
    {
        if (from < to)
        {
            reply.Free.Add(new BucketRange { From = from, To = to });
        }
    }
}
