using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Http;

/// <summary>What a request passes before any work is done for it.</summary>
public static class Middleware
{
    /// <summary>Refuses work for regions while the node is not ready, and beyond what it can carry.</summary>
    public static void UseAdmission(this WebApplication app, Readiness readiness, HttpSettings settings)
    {
        var inFlight = 0;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/training", StringComparison.Ordinal),
            branch =>
                branch.Use(
                    async (context, next) =>
                    {
                        if (!readiness.EndpointsAreOpen)
                        {
                            await Problem.Unavailable("this node is not ready yet").ExecuteAsync(context);
                            return;
                        }

                        try
                        {
                            if (Interlocked.Increment(ref inFlight) > settings.MaxInFlight)
                            {
                                await Problem
                                    .TooMuch($"{settings.MaxInFlight} requests are being worked on")
                                    .ExecuteAsync(context);
                                return;
                            }

                            await next(context);
                        }
                        finally
                        {
                            Interlocked.Decrement(ref inFlight);
                        }
                    }
                )
        );
    }

    /// <summary>Whatever ends without an answer of an endpoint is answered as a problem.</summary>
    public static void UseProblems(this WebApplication app, long maxBodyBytes)
    {
        app.UseExceptionHandler(
            new ExceptionHandlerOptions
            {
                ExceptionHandler = context =>
                    Problem.OfException(context, maxBodyBytes, app.Logger).ExecuteAsync(context),
                // It is logged once, with the reference that the sender is told.
                SuppressDiagnosticsCallback = _ => true,
            }
        );
        app.UseStatusCodePages(pages => Problem.OfStatus(pages.HttpContext).ExecuteAsync(pages.HttpContext));
    }
}
