using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using StackExchange.Redis;

namespace RalmActors.ClusterHost.Doctor;

/// <summary>Looks at everything a node needs, and prints one line per thing.</summary>
public static class Examination
{
    /// <summary>0 when nothing needed is missing.</summary>
    public static async Task<int> Run(TextWriter output, CancellationToken ct)
    {
        var written = ProcessSettings.Written();
        RalmSettings? settings = null;
        var findings = new List<CheckResult>();
        try
        {
            settings = RalmSettings.Read(written);
            findings.Add(new CheckResult("settings", true, $"{written.Entries.Count()} written"));
        }
        catch (SettingsException e)
        {
            findings.AddRange(e.Errors.Select(error => new CheckResult("settings", false, $"{error}")));
        }

        findings.Add(Machine.Runtime());
        findings.Add(Machine.Processor());
        findings.Add(Machine.CppLibrary());
        findings.Add(Machine.Torch());
        findings.Add(Machine.Gpu());
        findings.Add(Machine.Disk(settings?.Node.DataPath ?? "."));
        findings.AddRange((settings?.Http.Urls ?? []).Select(Machine.Port));
        if (settings is not null)
        {
            findings.Add(await Database(settings.Persistence, ct));
        }

        findings.Add(await Redis(Environment.GetEnvironmentVariable("RALM_TEST_REDIS") ?? "127.0.0.1:6379"));
        findings.ForEach(output.WriteLine);
        return findings.Exists(f => f.Ok == false) ? 1 : 0;
    }

    private static async Task<CheckResult> Database(PersistenceSettings settings, CancellationToken ct)
    {
        try
        {
            await SqlDatabase.Of(settings).Prepare(ct);
            return new CheckResult("database", true, $"{settings.Provider} answers");
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            return new CheckResult("database", false, $"{settings.Provider}: {e.Message}");
        }
    }

    private static async Task<CheckResult> Redis(string address)
    {
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(
                $"{address},connectTimeout=1000,connectRetry=0"
            );
            return new CheckResult("redis", true, $"{address} answers");
        }
        catch (RedisConnectionException)
        {
            return new CheckResult("redis", null, $"nothing answers at {address}; needed only for Redis Streams");
        }
    }
}
