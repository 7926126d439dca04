using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>Who may know whom.</summary>
public class WallSpecs
{
    public static TheoryData<string> Projects => [.. Compiled.Projects];

    public static TheoryData<string> ActorProjects => [.. Compiled.ActorProjects];

    [Theory]
    [MemberData(nameof(ActorProjects))]
    public void Actor_projects_meet_through_messages_only(string project)
    {
        var others = Compiled.ActorProjects.Append("ralm-host").Where(p => p != project);

        Assert.Empty(Compiled.AssembliesUsedBy(project).Intersect(others, StringComparer.Ordinal));
    }

    public static TheoryData<string> Libraries => [.. Compiled.Libraries];

    /// <summary>They are of use to any program: none of them knows an actor, and each knows only those before it.</summary>
    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_of_the_model_knows_no_actor_and_no_later_library(string project)
    {
        var known = Compiled.Libraries.TakeWhile(p => p != project).ToHashSet(StringComparer.Ordinal);
        var stranger = Compiled
            .AssembliesUsedBy(project)
            .FirstOrDefault(a =>
                a.StartsWith("Akka", StringComparison.Ordinal)
                || (Compiled.Projects.Contains(a) && a != "Shared.Messages" && !known.Contains(a))
            );

        Assert.Null(stranger);
    }

    [Fact]
    public void Shared_messages_knows_no_other_project() =>
        Assert.Empty(Compiled.AssembliesUsedBy("Shared.Messages").Intersect(Compiled.Projects, StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void TorchSharp_stays_in_the_models(string project) =>
        Stays(project, ["TorchSharp"], _ => project == "Ralm.Models");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Web_and_console_stay_in_the_host(string project) =>
        Stays(project, ["Microsoft.AspNetCore", "Spectre", "Serilog", "Prometheus"], _ => project == "ralm-host");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Database_and_redis_clients_stay_in_the_host_and_the_probes(string project) =>
        Stays(
            project,
            ["StackExchange.Redis", "Npgsql", "MySqlConnector", "Microsoft.Data.Sqlite", "LinqToDB"],
            u =>
                project == "ralm-host"
                || u.Namespace.StartsWith("RalmActors.Monitoring.Probes", StringComparison.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void MathNet_stays_in_domain_folders(string project) => Stays(project, ["MathNet"], u => u.InDomain);

    private static void Stays(string project, string[] libraries, Func<Use, bool> allowed) =>
        Assert.Empty(
            Compiled
                .Uses(project)
                .Where(u => libraries.Any(u.Touches) && !allowed(u))
                .Select(u => u.ToString())
                .Distinct(StringComparer.Ordinal)
        );
}
