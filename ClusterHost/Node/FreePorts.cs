using System.Net;
using System.Net.Sockets;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>A port that is taken is said in one line, before anything has started that would have to be ended again.</summary>
public static class FreePorts
{
    /// <exception cref="StartRefusedException">Names the port and the setting.</exception>
    public static void Check(RalmSettings settings)
    {
        foreach (var url in settings.Http.Urls)
        {
            var text = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal)
                .Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
            var uri = new Uri(text);
            Check(uri.Host, uri.Port, "another one with --urls or RALM__HTTP__URLS");
        }

        Check(settings.Node.Host, settings.Node.Port, "another one with RALM__NODE__PORT");
    }

    private static void Check(string host, int port, string advice)
    {
        if (port == 0 || AddressOf(host) is not { } address)
        {
            return;
        }

        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is in use by another program",
                SocketError.AccessDenied => "may not be used by this user",
                SocketError.AddressNotAvailable => "is no address of this machine",
                _ => $"cannot be used ({e.Message})",
            };
            throw new StartRefusedException($"{host}:{port} {why}: choose {advice}", e);
        }
    }

    private static IPAddress? AddressOf(string host) =>
        host is "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address
        : null;
}
