using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Hosting;

namespace RalmActors.Messages.Cluster;

/// <summary>Mutual TLS between nodes, with roots of the cluster's own.</summary>
public static class ClusterTrust
{
    /// <summary>
    /// A peer is let in when its certificate chains to one of <paramref name="roots"/>. Names prove nothing: anyone can
    /// make an issuer that is called like ours.
    /// </summary>
    /// <param name="own">This node's certificate, with its private key.</param>
    /// <param name="roots">The authorities that sign this cluster's nodes; the machine's own trust store has no say.</param>
    /// <exception cref="ArgumentException">There is no private key, or no root.</exception>
    public static SslOptions Ssl(X509Certificate2 own, X509Certificate2Collection roots)
    {
        if (!own.HasPrivateKey)
        {
            throw new ArgumentException($"{own.Subject} must come with its private key", nameof(own));
        }

        if (roots.Count == 0)
        {
            throw new ArgumentException("must hold at least one authority", nameof(roots));
        }

        return new SslOptions
        {
            X509Certificate = own,
            SuppressValidation = false,
            RequireMutualAuthentication = true,
            ValidateCertificateHostname = false,
            CustomValidator = (certificate, sent, peer, _, log) => IsOurs(certificate, sent, roots, peer, log),
        };
    }

    private static bool IsOurs(
        X509Certificate2? certificate,
        X509Chain? sent,
        X509Certificate2Collection roots,
        string peer,
        ILoggingAdapter log
    )
    {
        if (certificate is null)
        {
            log.Warning("{0} showed no certificate", peer);
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        if (chain.Build(certificate))
        {
            return true;
        }

        var reasons = string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()));
        log.Warning("{0} ({1}) is not of this cluster: {2}", peer, certificate.Subject, reasons);
        return false;
    }
}
