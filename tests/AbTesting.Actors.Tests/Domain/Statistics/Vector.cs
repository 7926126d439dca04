using System.Text.Json;
using RalmActors.AbTesting.Domain.Statistics;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>One published case: a function's input and what another implementation answered.</summary>
/// <param name="Tolerance">Relative where the expected value is above 1e-3 of 1, else absolute; as the source states it.</param>
public sealed record Vector(string Id, string Function, JsonElement Input, JsonElement Expected, double Tolerance)
{
    public static Vector Of(JsonElement json, double tolerance) =>
        new(
            json.GetProperty("id").GetString()!,
            json.GetProperty("function").GetString()!,
            json.GetProperty("input"),
            json.GetProperty("expected"),
            json.TryGetProperty("tolerance", out var own) ? own.GetDouble() : tolerance
        );

    /// <summary>Says nothing besides what these names say.</summary>
    public bool Says(params ReadOnlySpan<string> names)
    {
        foreach (var input in Input.EnumerateObject())
        {
            if (!names.Contains(input.Name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value is one of these, or is not said.</summary>
    public bool Means(string name, params ReadOnlySpan<double> values) =>
        !Input.TryGetProperty(name, out var value)
        || (value.ValueKind == JsonValueKind.Number && values.Contains(value.GetDouble()));

    /// <summary>Rows and columns of counts, and not more dimensions.</summary>
    public bool HasTable =>
        Input.TryGetProperty("table", out var rows)
        && rows.ValueKind == JsonValueKind.Array
        && rows.EnumerateArray()
            .All(r =>
                r.ValueKind == JsonValueKind.Array && r.EnumerateArray().All(c => c.ValueKind == JsonValueKind.Number)
            );

    /// <summary>Sums of a sample, or of a proportion, and nothing else.</summary>
    public bool HasSamples =>
        new[] { "a", "b" }.All(name =>
            Input.TryGetProperty(name, out var s)
            && s.ValueKind == JsonValueKind.Object
            && s.EnumerateObject().All(p => p.Name is "n" or "sum" or "sum_squares" or "proportion")
        );

    public double In(string name) => Input.GetProperty(name).GetDouble();

    public double In(string name, double otherwise) =>
        Input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : otherwise;

    public string Text(string name) => Input.GetProperty(name).GetString()!;

    public double[] Numbers(string name) => Input.GetProperty(name).Deserialize<double[]>()!;

    public double[,] Table()
    {
        var rows = Input.GetProperty("table").Deserialize<double[][]>()!;
        var table = new double[rows.Length, rows.Length == 0 ? 0 : rows[0].Length];
        for (var r = 0; r < table.GetLength(0); r++)
        {
            for (var c = 0; c < table.GetLength(1); c++)
            {
                table[r, c] = rows[r][c];
            }
        }

        return table;
    }

    /// <summary>Sums of a sample, or of a proportion.</summary>
    public Moments Sample(string name)
    {
        var s = Input.GetProperty(name);
        var (n, sum) = (s.GetProperty("n").GetDouble(), s.GetProperty("sum").GetDouble());
        return s.TryGetProperty("proportion", out _)
            ? Moments.OfProportion(n, sum)
            : Moments.OfSums(n, sum, s.GetProperty("sum_squares").GetDouble());
    }

    public void Check(string name, double actual)
    {
        if (Expected.TryGetProperty(name, out var expected))
        {
            Near(name, expected.ValueKind == JsonValueKind.Number ? expected.GetDouble() : double.NaN, actual);
        }
    }

    public void Check(string name, Interval actual)
    {
        if (!Expected.TryGetProperty(name, out var expected))
        {
            return;
        }

        var ends = expected.Deserialize<double?[]>()!;
        Near(name, ends[0] ?? double.NegativeInfinity, actual.Low);
        Near(name, ends[1] ?? double.PositiveInfinity, actual.High);
    }

    private void Near(string name, double expected, double actual) =>
        Assert.True(
            expected.Equals(actual) || Math.Abs(expected - actual) <= Tolerance * Math.Max(1, Math.Abs(expected)),
            $"{Id} {Function} {name}: expected {expected:R}, was {actual:R}"
        );
}
