using System.Collections.Immutable;

namespace Ralm.Drift.Detectors;

/// <summary>One kind of detector: its name in settings, its parameters, and how it is made of them.</summary>
public sealed class DetectorKind
{
    private readonly Func<double[], DriftDetector> _make;
    private readonly Func<DriftDetector, double[]> _values;
    private readonly Func<DriftDetector, string?> _rule;

    private DetectorKind(
        string name,
        Type type,
        ImmutableArray<DetectorParameter> parameters,
        DriftDirections directions,
        Func<double[], DriftDetector> make,
        Func<DriftDetector, double[]> values,
        Func<DriftDetector, string?> rule
    )
    {
        (Name, Type, Parameters, Directions, _make, _values, _rule) = (
            name,
            type,
            parameters,
            directions,
            make,
            values,
            rule
        );
    }

    public string Name { get; }

    /// <summary>The last ones, of every kind, are <c>least_sample</c>, and <c>follows</c> with 0 for no and 1 for yes.</summary>
    public ImmutableArray<DetectorParameter> Parameters { get; }

    /// <summary>What it can watch for.</summary>
    public DriftDirections Directions { get; }

    internal Type Type { get; }

    /// <param name="leastSample">Default; <c>least_sample</c> is a parameter of every kind.</param>
    /// <param name="rule">Of parameters that go together: what is wrong, or null.</param>
    internal static DetectorKind Of<T>(
        string name,
        DetectorParameter[] own,
        int leastSample,
        Func<double[], T> make,
        Func<T, double[]> values,
        DriftDirections directions = DriftDirections.Both,
        Func<T, string?>? rule = null
    )
        where T : DriftDetector =>
        new(
            name,
            typeof(T),
            [
                .. own,
                new DetectorParameter("least_sample", leastSample, 2, 1_000_000, IsWhole: true),
                new DetectorParameter("follows", 1, 0, 1, IsWhole: true),
            ],
            directions,
            make,
            detector => [.. values((T)detector), detector.LeastSample, detector.Follows ? 1 : 0],
            detector => rule?.Invoke((T)detector)
        );

    /// <param name="values">One for each of <see cref="Parameters"/>, in order.</param>
    /// <exception cref="DetectorSettingException">A value is out of range, or they do not go together.</exception>
    internal DriftDetector Make(double[] values, DriftDirections watch)
    {
        double[] good = [.. Parameters.Zip(values, (parameter, value) => parameter.Checked(value))];
        if (watch == DriftDirections.None || !Directions.HasFlag(watch))
        {
            throw new DetectorSettingException(
                "direction",
                DetectorSettings.TextOf(watch),
                $"{Name} can watch {DetectorSettings.TextOf(Directions)}"
            );
        }

        var detector = _make(good) with { Watch = watch, LeastSample = (int)good[^2], Follows = good[^1] == 1 };
        return _rule(detector) is { } wrong ? throw new DetectorSettingException("detector", Name, wrong) : detector;
    }

    internal double[] ValuesOf(DriftDetector detector) => _values(detector);
}
