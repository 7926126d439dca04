using System.Reflection;
using System.Security.Cryptography;
using Google.Protobuf;

namespace RalmActors.Messages.Wire;

/// <summary>
/// Which code this is: the release with its commit, and a digest of the whole contract. Models remember it, so that one can
/// say what trained them.
/// </summary>
public static class CodeVersion
{
    public static string Current { get; } = $"{Release()} wire:{Contract()}";

    private static string Release() =>
        typeof(CodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    private static string Contract()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in WireTypes.All.Select(d => d.File).Distinct().OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            hash.AppendData(file.SerializedData.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
