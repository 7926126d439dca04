using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;

namespace Ralm.Ranking.Schema;

/// <summary>Features of a request that the model passes over: misspelt ones, and those that another model knows.</summary>
internal static class UnknownFeatures
{
    private const int Most = 16;

    public static IEnumerable<UnknownFeature> Of(FeatureSchema schema, Score request)
    {
        List<UnknownFeature> unknown = [];
        See(unknown, "user", schema.User, request.User);
        foreach (var candidate in request.Candidates)
        {
            See(unknown, "candidates", schema.Candidate, candidate.Features);
            See(unknown, "context", schema.Context, candidate.Context);
        }

        return unknown;
    }

    private static void See(List<UnknownFeature> unknown, string side, SideSchema schema, Features? sent)
    {
        foreach (var feature in sent?.Items ?? [])
        {
            if (schema.Reads(feature.Name))
            {
                continue;
            }

            var known = unknown.Find(u => u.Side == side && u.Name == feature.Name);
            if (known is not null)
            {
                known.Times++;
            }
            else if (unknown.Count < Most)
            {
                unknown.Add(
                    new UnknownFeature
                    {
                        Side = side,
                        Name = feature.Name,
                        Times = 1,
                    }
                );
            }
        }
    }
}
