using RalmActors.ClusterHost.Settings;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace RalmActors.ClusterHost.Logging;

public static class LoggingHosting
{
    private const long FileBytes = 64 * 1024 * 1024;

    /// <summary>One JSON object per line to the console and, when a folder is set, to files that roll by day and size.</summary>
    public static void AddRalmLogging(this WebApplicationBuilder builder, LoggingSettings settings)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(settings.Level, ignoreCase: true))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // The readiness log says once what changed, instead of every failing check every second.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            .Enrich.FromLogContext()
            .Enrich.With<PersonalDataMask>()
            .WriteTo.Console(
                new CompactJsonFormatter(),
                standardErrorFromLevel: settings.Console == LoggingSettings.Errors ? LogEventLevel.Verbose : null
            );
        if (settings.Path.Length > 0)
        {
            logger.WriteTo.File(
                new CompactJsonFormatter(),
                Path.Combine(settings.Path, "ralm-.json"),
                fileSizeLimitBytes: FileBytes,
                rollOnFileSizeLimit: true,
                rollingInterval: RollingInterval.Day,
                retainedFileCountLimit: 14
            );
        }

        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(logger.CreateLogger(), dispose: true);
    }
}
