using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Hosting;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>The files of the folder <c>hocon</c>, as they were compiled in.</summary>
public static class HoconFiles
{
    private const string Prefix = "hocon/";

    private static readonly System.Reflection.Assembly Here = typeof(HoconFiles).Assembly;

    /// <summary>Names without folder prefix: <c>base.conf</c>, <c>roles/trainer.conf</c>.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        .. Here.GetManifestResourceNames()
            .Select(name => name.Replace('\\', '/'))
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    public static Config Read(string name)
    {
        using var stream =
            Here.GetManifestResourceStream(Prefix + name)
            ?? Here.GetManifestResourceStream(Prefix + name.Replace('/', '\\'))
            ?? throw new FileNotFoundException($"hocon/{name} is not compiled in", name);
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }

    /// <summary>What a node with these roles and this database runs on. A role without a file has nothing to add.</summary>
    public static AkkaConfigurationBuilder AddHoconFiles(
        this AkkaConfigurationBuilder akka,
        IEnumerable<string> roles,
        PersistenceSettings persistence
    )
    {
        string[] shared = ["base.conf", "sharding.conf", "sbr.conf"];
        var own = roles.Select(role => $"roles/{role}.conf").Where(All.Contains);
        foreach (var name in shared.Append($"persistence-{persistence.Provider}.conf").Concat(own))
        {
            akka.AddHocon(Read(name), HoconAddMode.Prepend);
        }

        return akka;
    }
}
