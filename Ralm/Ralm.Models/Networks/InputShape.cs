using System.Collections.Immutable;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;

namespace Ralm.Models.Networks;

/// <summary>The numbers a model reads; they follow from the feature schema.</summary>
/// <param name="User">Numbers that describe the user, at least 1.</param>
/// <param name="Item">Numbers that describe the candidate, at least 1.</param>
/// <param name="Context">Numbers that describe the pair and the moment; 0 when there are none.</param>
/// <param name="UserFields">How the user's numbers divide into features; they add up to <paramref name="User"/>.</param>
/// <param name="ItemFields">The candidate's likewise.</param>
/// <param name="Reciprocal">Candidates are users, described alike.</param>
public sealed record InputShape(
    int User,
    int Item,
    int Context,
    ImmutableArray<int> UserFields,
    ImmutableArray<int> ItemFields,
    bool Reciprocal
)
{
    /// <summary>Each side one field.</summary>
    public InputShape(int user, int item, int context)
        : this(user, item, context, [user], [item], Reciprocal: false) { }

    public static InputShape Of(FeatureSchema schema) =>
        new(
            schema.User.Width,
            schema.Candidate.Width,
            schema.ContextWidth,
            Fields(schema.User),
            Fields(schema.Candidate),
            schema.Reciprocal
        );

    public static InputShape Of(PreparedDataset data) =>
        data.Schema is { } schema
            ? Of(schema)
            : new(data.Meta.UserWidth, data.Meta.CandidateWidth, data.Meta.ContextWidth);

    private static ImmutableArray<int> Fields(SideSchema side) =>
        [.. side.Features.Select(f => f.Width).Where(w => w > 0)];
}
