using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Preparation;

/// <summary>People as a schema reads them, each prepared when it is first asked for: a pair costs a comparison only.</summary>
internal sealed class PreparedPeople(FeatureSchema schema, People users, People candidates)
{
    private readonly PreparedPerson?[] _users = new PreparedPerson?[users.Count];
    private readonly PreparedPerson?[] _candidates = new PreparedPerson?[candidates.Count];

    public PreparedPerson User(int row) => _users[row] ??= schema.PrepareUser(users.KeyOf(row), users[row]);

    public PreparedPerson Candidate(int row) =>
        _candidates[row] ??= schema.PrepareCandidate(candidates.KeyOf(row), candidates[row]);
}
