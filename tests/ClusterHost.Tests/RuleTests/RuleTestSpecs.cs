using RalmActors.ClusterHost.RuleTests;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.RuleTests;

public sealed class RuleTestSpecs
{
    private const string Rules = """
        rules:
          - { rule_id: high, metric: load, comparison: ABOVE, threshold: 5, for_seconds: 60, severity: WARNING }
        """;

    [Fact]
    public void The_rules_that_every_node_has_say_what_the_example_says()
    {
        var file = RuleTestFile.Read(File.ReadAllText(RepositoryFiles.PathOf("docs", "examples", "node-rules.yaml")));

        Assert.Equal("", string.Join('\n', RuleTestRun.Of(file).Differences));
        Assert.True(file.Tests.Length >= 7);
    }

    [Fact]
    public void What_is_not_as_expected_is_told_with_what_it_is()
    {
        var run = Run(
            """
            tests:
              - name: rises
                series: { load: 4 6x10 }
                expect:
                  - { at: 1m, firing: [high] }
                  - { at: 2m, firing: [], pending: [] }
            """
        );

        Assert.Equal(
            [
                "rises, 60 s: high should be firing, and is pending (value 6, since 30 s)",
                "rises, 120 s: high should not be firing, and is firing (value 6, since 90 s)",
            ],
            run.Differences
        );
        Assert.Equal((1, 2, false), (run.Tests, run.Expectations, run.IsAsExpected));
    }

    [Fact]
    public void The_clock_goes_on_where_the_series_end()
    {
        var run = Run(
            """
            tests:
              - series: { load: 6x4 }
                expect:
                  - { at: 3m, firing: [high], no_data: [] }
                  - { at: 1h, firing: [], no_data: [high] }
            """
        );

        Assert.Empty(run.Differences);
    }

    [Fact]
    public void Json_is_read_as_well()
    {
        var file = RuleTestFile.Read(
            """
            {"rules":[{"rule_id":"low","metric":"m","comparison":"BELOW","threshold":1,"severity":"INFO"}],"interval":"1m",
             "tests":[{"name":"t","series":{"m":"2 0"},"expect":[{"at":"1m","firing":["low"]}]}]}
            """
        );

        Assert.True(RuleTestRun.Of(file).IsAsExpected);
    }

    [Theory]
    [InlineData("1+2x3", "1 3 5 7")]
    [InlineData("9-2x2", "9 7 5")]
    [InlineData("-1.5x2 _ _x2 4", "-1.5 -1.5 -1.5 _ _ _ 4")]
    [InlineData("1e3 Inf NaN", "1000 Infinity NaN")]
    public void A_series_is_written_as_promtool_has_it(string text, string values) =>
        Assert.Equal(
            values,
            string.Join(
                ' ',
                SeriesNotation
                    .Read(text)
                    .Select(v => v?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "_")
            )
        );

    [Theory]
    [InlineData("tests: []", "rules must be a list, or default")]
    [InlineData("rules: default\ntests: []\ntest: 1", "the file has 'test'; it may have rules, interval, tests")]
    [InlineData("rules: [{ rule_id: a }]\ntests: []", "rules[0].metric '' must be 1 to 256 characters")]
    [InlineData("rules: [{ rule: a }]\ntests: []", "rules: Unknown field: rule")]
    [InlineData(
        "rules: default\ntests: [{ series: { a: 1y3 }, expect: [] }]",
        "tests[0].series.a: '1y3' must be a number"
    )]
    [InlineData(
        "rules: default\ntests: [{ series: {}, expect: [{ at: soon }] }]",
        "tests[0].expect[0].at 'soon' must be a time"
    )]
    [InlineData("rules: [", "line 2")]
    public void What_is_wrong_with_a_file_is_told_with_its_place(string text, string said) =>
        Assert.Contains(
            said,
            Assert.Throws<FormatException>(() => RuleTestFile.Read(text)).Message,
            StringComparison.Ordinal
        );

    private static RuleTestRun Run(string tests) => RuleTestRun.Of(RuleTestFile.Read($"{Rules}\n{tests}"));
}
