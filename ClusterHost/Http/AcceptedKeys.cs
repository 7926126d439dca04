using System.Security.Cryptography;
using System.Text;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Http;

/// <summary>The keys that open every endpoint but the health checks.</summary>
public sealed class AcceptedKeys
{
    private readonly byte[][] _digests;

    public AcceptedKeys(IEnumerable<string> keys) => _digests = [.. keys.Select(Digest)];

    /// <summary>The configured keys; without any, the one in the data folder, made at first use for its owner alone.</summary>
    /// <param name="generated">File of the generated key, or <c>null</c>.</param>
    public static AcceptedKeys For(RalmSettings settings, out string? generated) => new(Read(settings, out generated));

    /// <summary>A key with which a client set as the nodes are may come in.</summary>
    public static string First(RalmSettings settings) => Read(settings, out _)[0];

    /// <summary>Compares digests, all of them, so that neither length nor position of a difference shows in time.</summary>
    public bool Holds(string key)
    {
        var digest = Digest(key);
        var known = false;
        foreach (var candidate in _digests)
        {
            known |= CryptographicOperations.FixedTimeEquals(candidate, digest);
        }

        return known;
    }

    private static IReadOnlyList<string> Read(RalmSettings settings, out string? generated)
    {
        generated = null;
        if (settings.Http.ApiKeys.Count > 0)
        {
            return settings.Http.ApiKeys;
        }

        generated = Path.Combine(settings.Node.DataPath, "api-key");
        Directory.CreateDirectory(settings.Node.DataPath);
        if (!File.Exists(generated))
        {
            OwnerOnly.Write(generated, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        var key = File.ReadAllText(generated).Trim();
        return key.Length >= HttpSettings.MinKeyLength
            ? [key]
            : throw new StartRefusedException(
                $"{generated} holds no key of {HttpSettings.MinKeyLength} characters or more: put one there, or delete the "
                    + "file, and a new key is made at the next start"
            );
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
