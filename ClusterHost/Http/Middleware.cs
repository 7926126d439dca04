using System.Security.Cryptography;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Http;

/// <summary>What a request passes before any work is done for it.</summary>
public static class Middleware
{
    private static readonly PathString Health = new("/health");

    /// <summary>Nobody without a key gets past the health checks.</summary>
    public static void UseApiKeys(this WebApplication app, AcceptedKeys keys) =>
        app.Use(
            async (context, next) =>
            {
                if (IsHealth(context.Request.Path) || keys.Open(context.Request.Headers))
                {
                    await next(context);
                    return;
                }

                context.Response.Headers.WWWAuthenticate = "Bearer, Basic realm=\"ralm\", charset=\"UTF-8\"";
                await new Problem(
                    StatusCodes.Status401Unauthorized,
                    "Not authenticated",
                    "give the API key as X-Api-Key, as bearer token, or as basic authentication's password"
                ).Write(context);
            }
        );

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
                            await Problem.Unavailable("this node is not ready yet").Write(context);
                            return;
                        }

                        try
                        {
                            if (Interlocked.Increment(ref inFlight) > settings.MaxInFlight)
                            {
                                await Problem
                                    .TooMuch($"{settings.MaxInFlight} requests are being worked on")
                                    .Write(context);
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

    /// <summary>
    /// A body that is too large, a path or a method that is none, or anything unforeseen: a problem without a word about our
    /// insides.
    /// </summary>
    public static void UseProblems(this WebApplication app, long maxBodyBytes) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                    if (Problem.OfRoute(context) is { } noEndpoint)
                    {
                        await noEndpoint.Write(context);
                    }
                }
                catch (BadHttpRequestException e)
                    when (e.StatusCode == StatusCodes.Status413PayloadTooLarge && !context.Response.HasStarted)
                {
                    await Problem.TooLarge(context.Request.ContentLength, maxBodyBytes).Write(context);
                }
                catch (BadHttpRequestException e) when (!context.Response.HasStarted)
                {
                    await new Problem(e.StatusCode, "Not valid", e.Message).Write(context);
                }
                catch (Exception e)
                    when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
                {
                    var reference = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
                    app.Logger.LogError(e, "Request failed, reference {Reference}", reference);
                    await new Problem(
                        StatusCodes.Status500InternalServerError,
                        "Failed",
                        $"look for {reference} in the log"
                    ).Write(context);
                }
            }
        );

    private static bool IsHealth(PathString path) =>
        path.Equals(Health.Add("/live"), StringComparison.Ordinal)
        || path.Equals(Health.Add("/ready"), StringComparison.Ordinal);
}
