using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>
/// This node's certificate and the authority it trusts: the self-signed certificate of the same PKCS #12 file. A
/// self-signed node certificate is its own authority, so then all nodes share it.
/// </summary>
public sealed record NodeCertificate(X509Certificate2 Own, X509Certificate2Collection Authorities)
{
    /// <exception cref="SettingsException">The file is not readable, or holds no key or no authority.</exception>
    public static NodeCertificate Load(TlsSettings settings)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(settings.Certificate, settings.Password);
            var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw Unusable(settings, "must hold a private key");
            var authorities = new X509Certificate2Collection(all.Where(IsSelfSigned).ToArray());
            return authorities.Count > 0
                ? new NodeCertificate(own, authorities)
                : throw Unusable(settings, "must hold the certificate of the authority that signed it");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(settings, $"must be a readable PKCS #12 file: {e.Message}");
        }
    }

    /// <summary>True when one of our authorities signed the peer's certificate and it is valid now.</summary>
    public bool Trusts(X509Certificate2? peer)
    {
        if (peer is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(peer);
    }

    private static bool IsSelfSigned(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static SettingsException Unusable(TlsSettings settings, string rule) =>
        new([new SettingError(WrittenSettings.NameOf("Tls:Certificate"), settings.Certificate, rule)]);
}
