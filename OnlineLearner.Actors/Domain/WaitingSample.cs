using System.Collections.Immutable;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>A sample of a user's buffer.</summary>
/// <param name="LineageIds">Who has to hear of it; <see cref="SeedOutbox.Destination"/> is one of them.</param>
public sealed record WaitingSample(
    long SampleSeq,
    string CandidateId,
    ImmutableArray<string> LineageIds,
    Packed<Sample> Sample
)
{
    public static WaitingSample Of(long sampleSeq, Sample sample, IEnumerable<string> lineageIds) =>
        new(sampleSeq, sample.CandidateId, [.. lineageIds], Packed<Sample>.Of(sample));

    public static WaitingSample Of(BufferedSample sample) => Of(sample.SampleSeq, sample.Sample, sample.LineageIds);

    public BufferedSample ToMessage() =>
        new()
        {
            SampleSeq = SampleSeq,
            Sample = Sample.Unpack(),
            LineageIds = { LineageIds },
        };
}
