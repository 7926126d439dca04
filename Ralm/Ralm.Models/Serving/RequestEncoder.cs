using Ralm.Ranking.Schema;
using RalmActors.Messages.Serving;

namespace Ralm.Models.Serving;

/// <summary>A request's people and contexts as a schema's numbers; what does not fit is told with the request's own field.</summary>
internal sealed class RequestEncoder(FeatureSchema schema)
{
    public PreparedPerson User(Score request)
    {
        try
        {
            return schema.PrepareUser(request.UserId, request.User);
        }
        catch (FeatureException e)
        {
            throw e.Within("user");
        }
    }

    public PreparedPerson Candidate(Score request, int row)
    {
        try
        {
            return schema.PrepareCandidate(request.Candidates[row].CandidateId, request.Candidates[row].Features);
        }
        catch (FeatureException e)
        {
            throw e.Within($"candidates[{row}].features");
        }
    }

    public void Context(Score request, int row, PreparedPerson user, PreparedPerson candidate, Span<float> target)
    {
        try
        {
            schema.EncodeContext(request.Candidates[row].Context, user, candidate, target);
        }
        catch (FeatureException e)
        {
            throw e.Within($"candidates[{row}].context");
        }
    }
}
