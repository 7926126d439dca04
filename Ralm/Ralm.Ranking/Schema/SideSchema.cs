using System.Collections.Frozen;
using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

/// <summary>All features of one side: user, candidate, or context.</summary>
public sealed record SideSchema(ImmutableArray<FeatureSpec> Features)
{
    public static readonly SideSchema Empty = new(ImmutableArray<FeatureSpec>.Empty);

    private readonly FrozenDictionary<string, int> _place = Features
        .Select((feature, place) => KeyValuePair.Create(feature.Name, place))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private readonly ImmutableArray<int> _offsets = Offsets(Features);

    public int Width { get; } = Features.Sum(f => f.Width);

    /// <summary>Writes <see cref="Width"/> numbers. Features the schema does not know are passed over.</summary>
    /// <param name="id">Whose they are; empty for a context, which is nobody's.</param>
    public void Encode(string id, Features? raw, Span<float> target)
    {
        Span<bool> seen = stackalloc bool[Features.Length];
        if (raw is not null)
        {
            foreach (var feature in raw.Items)
            {
                if (_place.TryGetValue(feature.Name, out var place) && Features[place].Kind != FeatureKind.Id)
                {
                    Features[place].Encode(feature, target.Slice(_offsets[place], Features[place].Width));
                    seen[place] = true;
                }
            }
        }

        for (var place = 0; place < Features.Length; place++)
        {
            if (!seen[place])
            {
                var own = Features[place].Kind == FeatureKind.Id && id.Length > 0 ? new Feature { Text = id } : null;
                Features[place].Encode(own, target.Slice(_offsets[place], Features[place].Width));
            }
        }
    }

    /// <summary>A feature of that name says something. Who somebody is the id says, whatever is sent under that name.</summary>
    public bool Reads(string name) => _place.TryGetValue(name, out var place) && Features[place].Kind != FeatureKind.Id;

    /// <summary>The raw value of that name; null where there is none.</summary>
    public Feature? Find(Features? raw, string name) => raw?.Items.FirstOrDefault(f => f.Name == name);

    /// <summary>That feature's numbers within <see cref="Width"/>; empty for one the schema does not know.</summary>
    public ReadOnlyMemory<float> Slice(float[] encoded, string name) =>
        _place.TryGetValue(name, out var place)
            ? encoded.AsMemory(_offsets[place], Features[place].Width)
            : ReadOnlyMemory<float>.Empty;

    private static ImmutableArray<int> Offsets(ImmutableArray<FeatureSpec> features)
    {
        var offsets = ImmutableArray.CreateBuilder<int>(features.Length);
        var next = 0;
        foreach (var feature in features)
        {
            offsets.Add(next);
            next += feature.Width;
        }

        return offsets.ToImmutable();
    }
}
