using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// The values of one parameter, laid out on the unit interval: uniform there is uniform, or log-uniform, in the parameter.
/// What is discrete takes a bin of the interval.
/// </summary>
public abstract record SearchRange(ParameterPath Path)
{
    /// <summary>How many values without an order there are; 0 when they have one.</summary>
    public virtual int Unordered => 0;

    /// <summary>How many values a grid takes.</summary>
    public abstract long GridSize { get; }

    /// <summary>The value at a place of the interval, 0 to 1.</summary>
    public abstract ParameterValue At(double unit);

    /// <summary>The part of the interval that stands for the value; of length 0 for a real number.</summary>
    public abstract (double From, double To) Bin(ParameterValue value);

    /// <summary>One of the <see cref="GridSize"/> values, from 0.</summary>
    public abstract ParameterValue GridAt(long place);

    public static SearchRange Of(SearchParameter parameter)
    {
        var path =
            ParameterPath.Find(parameter.Path, out var rule)
            ?? throw new ArgumentException($"{parameter.Path} {rule}", nameof(parameter));
        return parameter.RangeCase switch
        {
            SearchParameter.RangeOneofCase.Continuous => new RealRange(path, parameter.Continuous),
            SearchParameter.RangeOneofCase.Integer => new WholeRange(path, parameter.Integer),
            SearchParameter.RangeOneofCase.Choices => new ChoiceRange(path, parameter.Choices),
            _ => throw new ArgumentException($"{parameter.Path} has no range", nameof(parameter)),
        };
    }
}

public sealed record RealRange(ParameterPath Path, ContinuousRange Range) : SearchRange(Path)
{
    private double From => Range.Log ? Math.Log(Range.Low) : Range.Low;

    private double To => Range.Log ? Math.Log(Range.High) : Range.High;

    public override long GridSize => Range.GridPoints;

    public override ParameterValue At(double unit)
    {
        var place = From + (unit * (To - From));
        var value = Math.Clamp(Range.Log ? Math.Exp(place) : place, Range.Low, Range.High);
        return new ParameterValue { Path = Path.Text, Number = value };
    }

    public override (double From, double To) Bin(ParameterValue value)
    {
        var place = Range.Log ? Math.Log(value.Number) : value.Number;
        var unit = Math.Clamp((place - From) / (To - From), 0, 1);
        return (unit, unit);
    }

    public override ParameterValue GridAt(long place) =>
        place == 0 ? new ParameterValue { Path = Path.Text, Number = Range.Low }
        : place == GridSize - 1 ? new ParameterValue { Path = Path.Text, Number = Range.High }
        : At((double)place / (GridSize - 1));
}

public sealed record WholeRange(ParameterPath Path, IntegerRange Range) : SearchRange(Path)
{
    private double Half => Range.Step / 2.0;

    private double From => Scale(Range.Low - Half);

    private double To => Scale(Range.Low + (GridSize * Range.Step) - Half);

    public override long GridSize => ((Range.High - Range.Low) / Range.Step) + 1;

    public override ParameterValue At(double unit)
    {
        var place = From + (unit * (To - From));
        var nearest = Math.Round(((Range.Log ? Math.Exp(place) : place) - Range.Low) / Range.Step);
        return GridAt((long)Math.Clamp(nearest, 0, GridSize - 1));
    }

    public override (double From, double To) Bin(ParameterValue value) =>
        (
            (Scale(value.Integer - Half) - From) / (To - From),
            Math.Min(1, (Scale(value.Integer + Half) - From) / (To - From))
        );

    public override ParameterValue GridAt(long place) =>
        new() { Path = Path.Text, Integer = Range.Low + (place * Range.Step) };

    private double Scale(double value) => Range.Log ? Math.Log(value) : value;
}

public sealed record ChoiceRange(ParameterPath Path, Choices Range) : SearchRange(Path)
{
    public override int Unordered => Range.Values.Count;

    public override long GridSize => Range.Values.Count;

    public override ParameterValue At(double unit) =>
        GridAt(Math.Min((int)(unit * Range.Values.Count), Range.Values.Count - 1));

    public override (double From, double To) Bin(ParameterValue value)
    {
        var place = Range.Values.IndexOf(value.Text);
        return ((double)place / Range.Values.Count, (place + 1.0) / Range.Values.Count);
    }

    public override ParameterValue GridAt(long place) => new() { Path = Path.Text, Text = Range.Values[(int)place] };
}
