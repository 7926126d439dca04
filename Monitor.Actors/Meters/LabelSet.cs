using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Labels = System.ReadOnlySpan<System.Collections.Generic.KeyValuePair<string, object?>>;

namespace RalmActors.Monitoring.Meters;

/// <summary>The labels of a series, found by those of a measurement without making anything.</summary>
/// <param name="kept">Null: all.</param>
internal sealed class LabelSet(KeyValuePair<string, object?>[] labels, IReadOnlySet<string>? kept)
{
    /// <summary>As Prometheus writes them, without braces: <c>region="user",outcome="accepted"</c>.</summary>
    public string Text { get; } =
        string.Join(
            ',',
            labels
                .Where(l => kept?.Contains(l.Key) != false)
                .OrderBy(l => l.Key, StringComparer.Ordinal)
                .Select(l => $"{PrometheusNames.Label(l.Key)}=\"{PrometheusNames.Escaped(TextOf(l.Value))}\"")
        );

    private KeyValuePair<string, object?>[] All { get; } = labels;

    private static string TextOf(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>By what is kept of them, so that series are no more than what is told apart.</summary>
    internal sealed class Comparer(IReadOnlySet<string>? kept)
        : IEqualityComparer<LabelSet>,
            IAlternateEqualityComparer<Labels, LabelSet>
    {
        public LabelSet Create(Labels alternate) => new(alternate.ToArray(), kept);

        public bool Equals(Labels alternate, LabelSet other)
        {
            var theirs = other.All.AsSpan();
            var (i, j) = (0, 0);
            while (true)
            {
                i = Next(alternate, i);
                j = Next(theirs, j);
                if (i == alternate.Length || j == theirs.Length)
                {
                    return i == alternate.Length && j == theirs.Length;
                }

                if (alternate[i].Key != theirs[j].Key || !Equals(alternate[i].Value, theirs[j].Value))
                {
                    return false;
                }

                (i, j) = (i + 1, j + 1);
            }
        }

        public int GetHashCode(Labels alternate)
        {
            var hash = 17;
            for (var i = Next(alternate, 0); i < alternate.Length; i = Next(alternate, i + 1))
            {
                hash = unchecked((hash * 31) + (alternate[i].Value?.GetHashCode() ?? 0));
            }

            return hash;
        }

        public bool Equals(LabelSet? x, LabelSet? y) => x is not null && y is not null && Equals(x.All.AsSpan(), y);

        public int GetHashCode([DisallowNull] LabelSet obj) => GetHashCode(obj.All.AsSpan());

        private int Next(Labels labels, int from)
        {
            while (from < labels.Length && kept?.Contains(labels[from].Key) == false)
            {
                from++;
            }

            return from;
        }
    }
}
