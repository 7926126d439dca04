using System.Collections.Immutable;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// Datasets in memory whose labels follow from the inputs: the user's first number times the item's first, plus the
/// context's, above zero. A feature list is taken as numbers in order.
/// </summary>
public sealed class PlantedInputs(int trainRows = 200, int validRows = 100) : ITrainingInputs
{
    public const string Path = "planted";

    public static readonly InputWidths Widths = new(5, 4, 2);

    public static readonly string Hash = new('d', 64);

    public ITrainingData Open(string path, string hash) =>
        path != Path ? throw new InvalidDataException($"{path} is no prepared dataset")
        : hash != Hash ? throw new InvalidDataException($"{path} has hash {Hash}, not {hash}")
        : new Data(trainRows, validRows);

    public IFeatureEncoder Encoder(string schemaJson) =>
        schemaJson == NumbersInOrder.Schema
            ? new NumbersInOrder()
            : throw new InvalidDataException($"not the planted schema: {schemaJson}");

    /// <summary>The k-th of all samples there are; training rows first, then validation rows.</summary>
    public static Sample Sample(int k)
    {
        Features Numbers(int width, int salt)
        {
            var features = new Features();
            for (var n = 0; n < width; n++)
            {
                var value = (4 * SeedStream.Uniform((ulong)(k + 1), (salt * 16) + n)) - 2;
                features.Items.Add(new Feature { Name = $"f{n}", Number = value });
            }

            return features;
        }

        var user = Numbers(Widths.User, 1);
        var item = Numbers(Widths.Item, 2);
        var context = Numbers(Widths.Context, 3);
        return new Sample
        {
            InteractionId = $"i-{k}",
            UserId = $"u-{k}",
            CandidateId = $"c-{k}",
            User = user,
            Candidate = item,
            Context = context,
            Label = (user.Items[0].Number * item.Items[0].Number) + context.Items[0].Number > 0 ? 1 : 0,
        };
    }

    private sealed class Data(int trainRows, int validRows) : ITrainingData
    {
        public IFeatureEncoder Encoder { get; } = new NumbersInOrder();

        public int Rows(Part part) => part == Part.Train ? trainRows : validRows;

        public void Gather(Part part, ReadOnlySpan<int> rows, BatchTarget target)
        {
            for (var k = 0; k < rows.Length; k++)
            {
                var sample = Sample(part == Part.Train ? rows[k] : trainRows + rows[k]);
                Encoder.EncodeUser(sample.User, target.User.Slice(k * Widths.User, Widths.User));
                Encoder.EncodeItem(sample.Candidate, target.Item.Slice(k * Widths.Item, Widths.Item));
                var context = target.Context.Slice(k * Widths.Context, Widths.Context);
                Encoder.EncodeContext(sample.Context, sample.User, sample.Candidate, context);
                target.Labels[k] = sample.Label;
            }
        }

        public void Dispose() { }
    }

    private sealed class NumbersInOrder : IFeatureEncoder
    {
        public const string Schema = """{"planted":1}""";

        public string SchemaId => "planted-1";

        public string SchemaJson => Schema;

        public InputWidths Widths => PlantedInputs.Widths;

        public void EncodeUser(Features features, Span<float> target) => Copy(features, target);

        public void EncodeItem(Features features, Span<float> target) => Copy(features, target);

        public void EncodeContext(Features context, Features user, Features item, Span<float> target) =>
            Copy(context, target);

        private static void Copy(Features features, Span<float> target)
        {
            target.Clear();
            for (var n = 0; n < Math.Min(target.Length, features.Items.Count); n++)
            {
                target[n] = (float)features.Items[n].Number;
            }
        }
    }
}
