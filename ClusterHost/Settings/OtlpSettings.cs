namespace RalmActors.ClusterHost.Settings;

/// <param name="Endpoint">Of a collector of OpenTelemetry, http://host:4317. Default: none, metrics go nowhere.</param>
/// <param name="Protocol">grpc (default) or http/protobuf, whose endpoint is http://host:4318.</param>
/// <param name="Headers">That the collector asks for: key=value, separated by commas.</param>
/// <param name="Interval">Between two reports, in seconds: 1 to 3,600, default 30.</param>
public sealed record OtlpSettings(Uri? Endpoint, string Protocol, string Headers, TimeSpan Interval)
{
    public const string Http = "http/protobuf";

    internal static OtlpSettings Read(SettingsReader reader)
    {
        var written = reader.Text("Otlp:Endpoint", "");
        var isUrl = Uri.TryCreate(written, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https";
        reader.Require(written.Length == 0 || isUrl, "Otlp:Endpoint", "must be http://host:port or https://host:port");
        return new OtlpSettings(
            isUrl ? endpoint : null,
            reader.OneOf("Otlp:Protocol", "grpc", "grpc", Http),
            reader.Secret("Otlp:Headers"),
            TimeSpan.FromSeconds(reader.Whole("Otlp:Interval", 30, 1, 3_600))
        );
    }

    /// <summary>Settings are printed; headers may hold a key.</summary>
    public override string ToString() => Endpoint is { } endpoint ? $"OTLP to {endpoint.Host}" : "no OTLP";
}
