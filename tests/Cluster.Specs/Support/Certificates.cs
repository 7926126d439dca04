using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>A certificate authority that lives as long as a spec.</summary>
public sealed class Authority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly DateTimeOffset Until = DateTimeOffset.UnixEpoch.AddYears(100);

    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;

    public Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(From, Until);
    }

    /// <summary>A node's PKCS #12 file: its certificate and key, this authority's certificate, and those it trusts besides.</summary>
    public string Issue(string folder, params ReadOnlySpan<Authority> trustedToo)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false)
        );
        using var signed = request.Create(_certificate, From, Until, RandomNumberGenerator.GetBytes(16));
        X509Certificate2Collection content = [signed.CopyWithPrivateKey(key), Public(this)];
        foreach (var authority in trustedToo)
        {
            content.Add(Public(authority));
        }

        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.p12");
        File.WriteAllBytes(file, content.Export(X509ContentType.Pfx)!);
        return file;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509Certificate2 Public(Authority authority) =>
        X509CertificateLoader.LoadCertificate(authority._certificate.RawData);
}
