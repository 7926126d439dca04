using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using RalmActors.ClusterHost.Health;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Health;

public sealed class ReadinessSpecs
{
    private readonly Readiness _readiness = new(NullLogger<Readiness>.Instance);

    [Fact]
    public void Before_the_first_look_a_node_is_not_ready()
    {
        Assert.Equal(503, _readiness.Answer().StatusCode);
        Assert.False(_readiness.EndpointsAreOpen);
    }

    [Fact]
    public void A_check_that_is_not_the_doors_business_leaves_them_open()
    {
        Look(
            ("journal", HealthStatus.Healthy, [HealthTags.Ready, HealthTags.Endpoints]),
            ("champion", HealthStatus.Unhealthy, [HealthTags.Ready])
        );

        Assert.Equal(503, _readiness.Answer().StatusCode);
        Assert.True(_readiness.EndpointsAreOpen);
    }

    [Fact]
    public void A_degraded_node_is_ready_and_a_failing_journal_closes_the_doors()
    {
        Look(("champion", HealthStatus.Degraded, [HealthTags.Ready]));
        Assert.Equal(200, _readiness.Answer().StatusCode);

        Look(("journal", HealthStatus.Unhealthy, [HealthTags.Ready, HealthTags.Endpoints]));
        Assert.False(_readiness.EndpointsAreOpen);
    }

    [Fact]
    public void A_node_that_was_told_to_stop_is_not_ready_and_still_answers()
    {
        Look(("journal", HealthStatus.Healthy, [HealthTags.Ready, HealthTags.Endpoints]));
        _readiness.Stop();

        Assert.Equal("stopping", Assert.Single(_readiness.Answer().Checks).Name);
        Assert.Equal(503, _readiness.Answer().StatusCode);
        Assert.True(_readiness.EndpointsAreOpen);
    }

    [Fact]
    public void What_a_check_caught_stays_inside()
    {
        Look(
            ("journal", HealthStatus.Unhealthy, [HealthTags.Ready, HealthTags.Akka]),
            ("database", HealthStatus.Unhealthy, [HealthTags.Ready])
        );

        var checks = _readiness.Answer().Checks;
        Assert.Equal(["database", "journal"], checks.Select(c => c.Name));
        Assert.Equal(["of database", ""], checks.Select(c => c.Description));
    }

    private void Look(params (string Name, HealthStatus Status, string[] Tags)[] checks) =>
        _readiness.Take(
            new HealthReport(
                checks.ToDictionary(
                    c => c.Name,
                    c => new HealthReportEntry(c.Status, $"of {c.Name}", TimeSpan.Zero, null, null, c.Tags)
                ),
                TimeSpan.Zero
            )
        );
}
