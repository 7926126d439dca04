using System.Text.Json;
using System.Text.Json.Serialization;

namespace RalmActors.ClusterHost.Terminal;

/// <summary>The one line of JSON that <c>--json</c> prints.</summary>
public static class JsonLine
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
