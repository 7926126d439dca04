using System.Reflection;
using RalmActors.AbTesting.Actors;
using RalmActors.Messages.Entities;
using RalmActors.Monitoring.Actors;
using RalmActors.OnlineLearner.Actors;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Hosting;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>No option is believed: each number and each time has a range, and is refused by its name outside of it.</summary>
public sealed class OptionsSpecs
{
    private static readonly Type[] All =
    [
        .. (
            (Type[])
                [
                    typeof(AbTestingOptions),
                    typeof(ScorerOptions),
                    typeof(TrainerOptions),
                    typeof(OnlineLearnerOptions),
                    typeof(MonitoringOptions),
                    typeof(EntityOptions),
                ]
        )
            .SelectMany(t => t.Assembly.GetExportedTypes())
            .Where(t =>
                t.Name.EndsWith("Options", StringComparison.Ordinal)
                && t.GetMethod("<Clone>$") is not null
                && t.GetConstructor([]) is not null
            )
            .Distinct()
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ];

    public static TheoryData<Type> Records() => [.. All];

    public static TheoryData<Type, string> Numbers() =>
        [.. All.SelectMany(t => t.GetProperties().Where(IsNumber).Select(p => (t, p.Name)))];

    [Fact]
    public void There_are_options() => Assert.InRange(All.Length, 12, 100);

    [Theory]
    [MemberData(nameof(Records))]
    public void Defaults_are_in_range(Type options) => Check(options, Activator.CreateInstance(options)!);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Below_zero_is_refused_by_name(Type type, string name)
    {
        var options = Activator.CreateInstance(type)!;
        var property = type.GetProperty(name)!;
        property.SetValue(options, Below(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));

        var refused = Assert.Throws<TargetInvocationException>(() => Check(type, options)).InnerException;
        Assert.Equal(name, Assert.IsType<ArgumentOutOfRangeException>(refused).ParamName);
    }

    /// <summary>What holds others checks them too.</summary>
    [Theory]
    [MemberData(nameof(Records))]
    public void Options_within_are_checked(Type type)
    {
        foreach (var property in type.GetProperties().Where(p => All.Contains(p.PropertyType)))
        {
            var inner = Activator.CreateInstance(property.PropertyType)!;
            var number = property.PropertyType.GetProperties().First(IsNumber);
            number.SetValue(inner, Below(Nullable.GetUnderlyingType(number.PropertyType) ?? number.PropertyType));
            var options = Activator.CreateInstance(type)!;
            property.SetValue(options, inner);

            Assert.Throws<TargetInvocationException>(() => Check(type, options));
        }
    }

    private static void Check(Type type, object options) => type.GetMethod("Checked", [])!.Invoke(options, []);

    private static bool IsNumber(PropertyInfo property) =>
        property.CanWrite
        && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type
        && (type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(TimeSpan));

    private static object Below(Type type) =>
        type == typeof(int) ? -1
        : type == typeof(long) ? -1L
        : type == typeof(double) ? -1.0
        : TimeSpan.FromSeconds(-1);
}
