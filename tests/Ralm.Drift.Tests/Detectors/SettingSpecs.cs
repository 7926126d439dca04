using Ralm.Drift.Detectors;
using Xunit;

namespace Ralm.Drift.Tests.Detectors;

public class SettingSpecs
{
    [Theory]
    [InlineData("page-hinkly", "detector", "page-hinkly", "must be one of adwin, page-hinkley, ddm")]
    [InlineData("", "detector", "", "must be one of adwin")]
    [InlineData(
        "adwin treshold=3",
        "treshold",
        "3",
        "must be a parameter of adwin: delta, clock, buckets, min_part, least_sample, follows"
    )]
    [InlineData("adwin delta=2", "delta", "2", "must be 1E-09 to 0.999999999")]
    [InlineData("adwin delta=NaN", "delta", "NaN", "must be 1E-09 to 0.999999999")]
    [InlineData("adwin clock=1.5", "clock", "1.5", "must be a whole number, 1 to 1000000")]
    [InlineData("adwin clock", "clock", "", "must be a number")]
    [InlineData("adwin clock=8 clock=9", "clock", "9", "stands there twice")]
    [InlineData("ddm direction=down", "direction", "down", "ddm can watch up")]
    [InlineData("adwin direction=sideways", "direction", "sideways", "must be up, down or both")]
    [InlineData("ddm warning=4", "detector", "ddm", "warning must not be above drift")]
    [InlineData("kswin newest=300", "detector", "kswin", "window must be at least twice newest")]
    public void A_setting_that_is_wrong_is_told_by_field_value_and_rule(
        string settings,
        string field,
        string value,
        string rule
    )
    {
        var wrong = Assert.Throws<DetectorSettingException>(() => DriftDetectors.Parse(settings));

        Assert.Equal((field, value), (wrong.Field, wrong.Value));
        Assert.StartsWith(rule, wrong.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_setting_leaves_out_has_its_default()
    {
        var made = Assert.IsType<PageHinkley>(DriftDetectors.Parse("page-hinkley threshold=30 direction=both"));

        Assert.Equal((0.005, 30, 0.9999), (made.Delta, made.Threshold, made.Forgetting));
        Assert.Equal((30, DriftDirections.Both, true), (made.LeastSample, made.Watch, made.Follows));
    }

    [Fact]
    public void A_kind_made_by_its_name_has_the_defaults_of_its_type()
    {
        (string Name, DriftDetector Made)[] bare =
        [
            ("adwin", new Adwin()),
            ("page-hinkley", new PageHinkley()),
            ("ddm", new Ddm()),
            ("eddm", new Eddm()),
            ("hddm-a", new HddmA()),
            ("hddm-w", new HddmW()),
            ("kswin", new Kswin()),
            ("cusum", new Cusum()),
            ("ewma", new Ewma()),
            ("shewhart", new Shewhart()),
        ];

        Assert.Equal(DriftDetectors.Kinds.Select(k => k.Name), bare.Select(b => b.Name));
        Assert.All(
            bare,
            b =>
            {
                var named = DriftDetectors.Make(b.Name);
                Assert.Equal(
                    DriftDetectors.Describe(named),
                    DriftDetectors.Describe(b.Made with { LeastSample = named.LeastSample })
                );
                Assert.Equal(
                    DriftDetectors.Describe(named),
                    DriftDetectors.Describe(DriftDetectors.Parse(DriftDetectors.Describe(named)))
                );
            }
        );
    }
}
