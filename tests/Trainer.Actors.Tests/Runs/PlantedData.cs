using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// A dataset in memory whose labels follow from the inputs: the user's first number times the candidate's first, plus the
/// context's, above zero.
/// </summary>
public static class PlantedData
{
    public const string Path = "planted";

    public static readonly string Hash = new('d', 64);

    public static readonly FeatureSchema Schema = new(Numbers(3), Numbers(2), Numbers(1));

    public static PreparedDataset Open(int trainRows = 200, int validRows = 100, int testRows = 0)
    {
        var rows = trainRows + validRows + testRows;
        var users = new float[rows * Schema.User.Width];
        var candidates = new float[rows * Schema.Candidate.Width];
        var context = new float[rows * Schema.Context.Width];
        var labels = new float[rows];
        for (var k = 0; k < rows; k++)
        {
            var sample = Sample(k);
            Schema.Encode(
                sample,
                users.AsSpan(k * Schema.User.Width, Schema.User.Width),
                candidates.AsSpan(k * Schema.Candidate.Width, Schema.Candidate.Width),
                context.AsSpan(k * Schema.Context.Width, Schema.Context.Width)
            );
            labels[k] = sample.Label;
        }

        return new PreparedDataset(
            new DatasetMeta(
                Path,
                Hash,
                Schema.Id,
                rows,
                rows,
                rows,
                Schema.User.Width,
                Schema.Candidate.Width,
                Schema.Context.Width,
                trainRows,
                validRows,
                testRows,
                labels.Average()
            ),
            Schema,
            users,
            candidates,
            context,
            [.. Enumerable.Range(0, rows)],
            [.. Enumerable.Range(0, rows)],
            labels,
            [
                .. Enumerable
                    .Range(0, rows)
                    .Select(k =>
                        k < trainRows ? Split.Train
                        : k < trainRows + validRows ? Split.Valid
                        : Split.Test
                    ),
            ]
        );
    }

    /// <summary>The k-th of all samples there are; training rows first, then validation rows.</summary>
    public static Sample Sample(int k)
    {
        var user = Features(k, 1, Schema.User);
        var candidate = Features(k, 2, Schema.Candidate);
        var context = Features(k, 3, Schema.Context);
        return new Sample
        {
            InteractionId = $"i-{k}",
            UserId = $"u-{k}",
            CandidateId = $"c-{k}",
            User = user,
            Candidate = candidate,
            Context = context,
            Label = (user.Items[0].Number * candidate.Items[0].Number) + context.Items[0].Number > 0 ? 1 : 0,
        };
    }

    private static Features Features(int k, int side, SideSchema schema)
    {
        var features = new Features();
        for (var n = 0; n < schema.Features.Length; n++)
        {
            var value = (4 * RandomStream.Uniform((ulong)(k + 1), (side * 16) + n)) - 2;
            features.Items.Add(new Feature { Name = $"f{n}", Number = value });
        }

        return features;
    }

    private static SideSchema Numbers(int count) =>
        new([
            .. Enumerable
                .Range(0, count)
                .Select(n => new FeatureSpec($"f{n}", FeatureKind.Number, [0.0], [1.0], ImmutableArray<string>.Empty)),
        ]);
}
