using RalmActors.ClusterHost.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Logging;

public sealed class PersonalDataMaskSpecs
{
    [Theory]
    [InlineData("UserId")]
    [InlineData("user_id")]
    [InlineData("Latitude")]
    [InlineData("ConnectionString")]
    public void A_property_of_a_person_is_masked(string name) =>
        Assert.Equal($$"""{"{{name}}":"***"}""", Properties(log => log.ForContext(name, "ann-7").Information("x")));

    [Fact]
    public void A_property_inside_a_structure_is_masked() =>
        Assert.Equal(
            """{"Shown":{"CandidateId":"***","Place":3}}""",
            Properties(log => log.Information("{@Shown}", new { CandidateId = "ann-7", Place = 3 }))
        );

    [Theory]
    [InlineData("akka://ralm/system/sharding/user/26/ann-7", "akka://ralm/system/sharding/user/26/***")]
    [InlineData("persistenceId [user-ann-7] failed", "persistenceId [user-***] failed")]
    public void A_user_id_inside_a_path_or_persistence_id_is_masked(string text, string masked) =>
        Assert.Equal($$"""{"Where":"{{masked}}"}""", Properties(log => log.Information("{Where}", text)));

    [Fact]
    public void What_belongs_to_no_person_stays() =>
        Assert.Equal(
            """{"Path":"/sharding/lineage/3/city","Count":7}""",
            Properties(log => log.Information("{Path} {Count}", "/sharding/lineage/3/city", 7))
        );

    /// <summary>The properties of the one event written, as the log file has them.</summary>
    private static string Properties(Action<Serilog.ILogger> write)
    {
        var sink = new LineSink();
        using var log = new LoggerConfiguration().Enrich.With<PersonalDataMask>().WriteTo.Sink(sink).CreateLogger();
        write(log);
        var json = System.Text.Json.Nodes.JsonNode.Parse(sink.Line)!.AsObject();
        foreach (var key in json.Select(p => p.Key).Where(k => k.StartsWith('@')).ToArray())
        {
            json.Remove(key);
        }

        return json.ToJsonString();
    }

    private sealed class LineSink : ILogEventSink
    {
        public string Line { get; private set; } = "";

        public void Emit(LogEvent logEvent)
        {
            using var writer = new StringWriter();
            new CompactJsonFormatter().Format(logEvent, writer);
            Line = writer.ToString();
        }
    }
}
