using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Hosting;
using Xunit;

namespace RalmActors.Monitoring.Tests.Hosting;

public class MonitoringOptionsSpecs
{
    [Fact]
    public void A_bad_setting_is_refused_by_name_value_and_rule()
    {
        var interval = new MonitoringOptions { Interval = TimeSpan.Zero };
        var name = new MonitoringOptions { NodeName = "my node" };
        var rules = new MonitoringOptions { DefaultRules = [new ThresholdRule { RuleId = "r" }] };

        Assert.Contains("Interval", Refusal(interval));
        Assert.Contains("must be 00:00:01 to 01:00:00", Refusal(interval));
        Assert.Contains("my node", Refusal(name));
        Assert.Contains("rules[0].metric", Refusal(rules));
    }

    private static string Refusal(MonitoringOptions options) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Checked()).Message;
}
