using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace RalmActors.ClusterHost.Http;

/// <summary>
/// Lets in who brings an accepted key: as <c>X-Api-Key</c>, as bearer token, or, for browsers, as the password of basic
/// authentication. All keys open the same. It has no log: strangers must not be able to fill it.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    UrlEncoder encoder,
    AcceptedKeys keys
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    public const string SchemeName = "api-key";

    private static readonly AuthenticateResult Known = AuthenticateResult.Success(
        new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName)
    );

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(
            Presented(Request.Headers) is not { Length: > 0 } key ? AuthenticateResult.NoResult()
            : keys.Holds(key) ? Known
            : AuthenticateResult.Fail("it is no key of this node")
        );

    /// <summary>The status has a page of its own.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer, Basic realm=\"ralm\", charset=\"UTF-8\"";
        return base.HandleChallengeAsync(properties);
    }

    private static string? Presented(IHeaderDictionary headers)
    {
        if (headers["X-Api-Key"] is [{ Length: > 0 } key])
        {
            return key;
        }

        if (
            headers.Authorization is not [{ } authorization]
            || authorization.Split(' ', 2) is not [var scheme, var rest]
        )
        {
            return null;
        }

        return scheme.ToUpperInvariant() switch
        {
            "BEARER" => rest.Trim(),
            "BASIC" => PasswordOf(rest.Trim()),
            _ => null,
        };
    }

    private static string? PasswordOf(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2).ElementAtOrDefault(1)
            : null;
    }
}
