using System.Collections.Immutable;
using System.Globalization;
using Ralm.Ranking.Schema;

namespace Ralm.Ranking.Metrics;

/// <summary>
/// Cuts rows into slices by what the model sees of them: categories by value, the most frequent tags by yes and no, numbers
/// by quarters. Fed the rows' encoded features one by one.
/// </summary>
public sealed class SliceBuilder
{
    /// <summary>Tags of a feature that get a slice of their own.</summary>
    private const int MaxTags = 5;

    private readonly Side[] _sides;

    /// <param name="schema">Null: nothing is known of the features.</param>
    public SliceBuilder(FeatureSchema? schema) =>
        _sides = schema is null
            ? []
            : [new("user", schema.User), new("candidate", schema.Candidate), new("context", schema.Context)];

    /// <summary>One row's numbers, each side in its width.</summary>
    public void Add(ReadOnlySpan<float> user, ReadOnlySpan<float> candidate, ReadOnlySpan<float> context)
    {
        if (_sides is [var u, var c, var x])
        {
            u.Add(user);
            c.Add(candidate);
            x.Add(context);
        }
    }

    public ImmutableArray<SliceColumn> Build() => [.. _sides.SelectMany(s => s.Build())];

    /// <summary>Slices of users by how much training has seen of them.</summary>
    /// <param name="seen">Per row the training rows of its user.</param>
    public static SliceColumn Activity(ReadOnlySpan<int> seen)
    {
        var valueOf = new byte[seen.Length];
        for (var row = 0; row < seen.Length; row++)
        {
            valueOf[row] = seen[row] switch
            {
                0 => 0,
                < 5 => 1,
                < 20 => 2,
                < 100 => 3,
                _ => 4,
            };
        }

        return new SliceColumn("user.activity", ["0 rows", "1 to 4", "5 to 19", "20 to 99", "100 or more"], valueOf);
    }

    private sealed class Side
    {
        private readonly Column[] _columns;

        public Side(string name, SideSchema schema)
        {
            var columns = new List<Column>();
            var offset = 0;
            foreach (var feature in schema.Features)
            {
                columns.AddRange(Columns($"{name}.{feature.Name}", feature, offset));
                offset += feature.Width;
            }

            _columns = [.. columns];
        }

        public void Add(ReadOnlySpan<float> row)
        {
            foreach (var column in _columns)
            {
                column.Add(row);
            }
        }

        public IEnumerable<SliceColumn> Build() => _columns.Select(c => c.Build());

        private static IEnumerable<Column> Columns(string name, FeatureSpec feature, int offset) =>
            feature.Kind switch
            {
                FeatureKind.Number => [new NumberColumn(name, feature, offset)],
                FeatureKind.Category => [new CategoryColumn(name, feature, offset)],
                FeatureKind.Tags => feature
                    .Vocabulary.Take(MaxTags)
                    .Select((tag, place) => new TagColumn($"{name}:{tag}", offset + place)),
                _ => [],
            };
    }

    private abstract class Column
    {
        public abstract void Add(ReadOnlySpan<float> row);

        public abstract SliceColumn Build();
    }

    private sealed class CategoryColumn(string name, FeatureSpec feature, int offset) : Column
    {
        private readonly int _known = Math.Min(feature.Vocabulary.Length, SliceColumn.MaxValues - 2);
        private readonly List<byte> _valueOf = [];

        public override void Add(ReadOnlySpan<float> row)
        {
            var value = row.Slice(offset, feature.Width).IndexOf(1);
            _valueOf.Add(
                (byte)(value < 0 || value == feature.Vocabulary.Length + 1 ? _known + 1 : Math.Min(value, _known))
            );
        }

        public override SliceColumn Build() =>
            new(name, [.. feature.Vocabulary.Take(_known), "(other)", "(missing)"], _valueOf.ToArray());
    }

    private sealed class TagColumn(string name, int place) : Column
    {
        private readonly List<byte> _valueOf = [];

        public override void Add(ReadOnlySpan<float> row) => _valueOf.Add(row[place] > 0 ? (byte)1 : (byte)0);

        public override SliceColumn Build() => new(name, ["no", "yes"], _valueOf.ToArray());
    }

    /// <summary>Few different numbers are slices of their own; many are cut into quarters of the rows.</summary>
    private sealed class NumberColumn(string name, FeatureSpec feature, int offset) : Column
    {
        private const int Few = 8;
        private const int Quarters = 4;

        private readonly List<float> _values = [];

        public override void Add(ReadOnlySpan<float> row) => _values.Add(row[offset + 1] > 0 ? float.NaN : row[offset]);

        public override SliceColumn Build()
        {
            float[] sorted = [.. _values.Where(v => !float.IsNaN(v)).Order()];
            float[] different = [.. sorted.Distinct()];
            // Each slice ends, inclusive, where one of these stands.
            float[] ends =
                different.Length <= Few
                    ? different
                    :
                    [
                        .. Enumerable
                            .Range(1, Quarters)
                            .Select(q => sorted[(sorted.Length * q / Quarters) - 1])
                            .Distinct(),
                    ];
            var names = ends.Select((end, i) => Name(different, i == 0 ? float.NegativeInfinity : ends[i - 1], end));
            return new SliceColumn(name, [.. names, "(missing)"], _values.Select(v => ValueOf(ends, v)).ToArray());
        }

        private static byte ValueOf(float[] ends, float value)
        {
            var place = Array.BinarySearch(ends, value);
            return (byte)(
                float.IsNaN(value) ? ends.Length
                : place < 0 ? ~place
                : place
            );
        }

        private string Name(float[] different, float after, float end)
        {
            var first = different.First(v => v > after);
            return first == end ? Raw(end) : $"{Raw(first)} to {Raw(end)}";
        }

        /// <summary>To a thousandth of a standard deviation: the last digits are rounding.</summary>
        private string Raw(float standard)
        {
            var digits = Math.Clamp(3 + (int)Math.Ceiling(Math.Log10(feature.Scale[0])), 0, 15);
            return (Math.Round((standard / feature.Scale[0]) + feature.Mean[0], digits) + 0.0).ToString(
                "0.###############",
                CultureInfo.InvariantCulture
            );
        }
    }
}
