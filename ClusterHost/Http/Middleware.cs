using RalmActors.ClusterHost.Health;

namespace RalmActors.ClusterHost.Http;

/// <summary>What a request passes before any work is done for it.</summary>
public static class Middleware
{
    /// <summary>Refuses work for regions while the node is not ready.</summary>
    public static void UseReadiness(this WebApplication app, Readiness readiness) =>
        app.UseWhen(
            context =>
                !readiness.EndpointsAreOpen
                && context.Request.Path.StartsWithSegments("/training", StringComparison.Ordinal),
            branch => branch.Run(Problem.Unavailable("this node is not ready yet").ExecuteAsync)
        );

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
