using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>A seed of an audience.</summary>
/// <param name="Features">Null: it has none.</param>
/// <param name="Bytes">What it takes on the wire.</param>
public sealed record KeptSeed(
    string UserId,
    Packed<Features>? Features,
    Timestamp At,
    long SampleSeq,
    long Version,
    int Bytes
)
{
    public static KeptSeed Of(Seed seed) =>
        new(seed.UserId, Pack(seed.Features), seed.At, seed.SampleSeq, seed.Version, seed.CalculateSize());

    public Seed ToMessage() =>
        new()
        {
            UserId = UserId,
            Features = Features?.Unpack(),
            At = At,
            SampleSeq = SampleSeq,
            Version = Version,
        };

    public bool Says(Features? features) => Features == Pack(features);

    private static Packed<Features>? Pack(Features? features) =>
        features is null ? null : Packed<Features>.Of(features);
}
