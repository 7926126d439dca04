using System.Collections.Frozen;
using System.Collections.Immutable;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Domain.Schema;

/// <summary>All features of one side: user, candidate, or context.</summary>
public sealed record SideSchema(ImmutableArray<FeatureSpec> Features)
{
    public static readonly SideSchema Empty = new(ImmutableArray<FeatureSpec>.Empty);

    private readonly FrozenDictionary<string, int> _place = Features
        .Select((feature, place) => KeyValuePair.Create(feature.Name, place))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private readonly ImmutableArray<int> _offsets = Offsets(Features);

    public int Width => Features.Sum(f => f.Width);

    /// <summary>Writes <see cref="Width"/> numbers. Features the schema does not know are passed over.</summary>
    public void Encode(Features? raw, Span<float> target)
    {
        Span<bool> seen = stackalloc bool[Features.Length];
        if (raw is not null)
        {
            foreach (var feature in raw.Items)
            {
                if (_place.TryGetValue(feature.Name, out var place))
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
                Features[place].Encode(null, target.Slice(_offsets[place], Features[place].Width));
            }
        }
    }

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
