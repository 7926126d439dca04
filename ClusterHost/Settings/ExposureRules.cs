using System.Net;

namespace RalmActors.ClusterHost.Settings;

/// <summary>
/// A node is reachable from elsewhere only with TLS and credentials, or when its owner says that this is meant
/// (<c>--insecure</c>). An open remoting port is remote control.
/// </summary>
public static class ExposureRules
{
    internal static void Check(RalmSettings settings, SettingsReader reader)
    {
        if (settings.Node.Insecure)
        {
            return;
        }

        reader.Require(
            IsLoopback(settings.Node.Host) || settings.Tls.Enabled,
            "Node:Host",
            $"must be a loopback address, or {WrittenSettings.NameOf("Tls:Certificate")} must be set, or --insecure given"
        );
        reader.Require(
            settings.Http.Urls.All(url => IsLoopbackUrl(url) || IsProtected(url, settings)),
            "Http:Urls",
            $"must be loopback addresses, or https with {WrittenSettings.NameOf("Tls:Certificate")} and "
                + $"{WrittenSettings.NameOf("Http:ApiKeys")} set, or --insecure given"
        );
    }

    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsLoopbackUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && IsLoopback(uri.Host);

    private static bool IsProtected(string url, RalmSettings settings) =>
        url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        && settings.Tls.Enabled
        && settings.Http.ApiKeys.Count > 0;
}
