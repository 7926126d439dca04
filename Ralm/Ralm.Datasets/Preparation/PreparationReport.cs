using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ralm.Datasets.Files;

namespace Ralm.Datasets.Preparation;

/// <param name="Rows">Read, bad ones too.</param>
public sealed record TableReport(string File, long Rows, int BadRows);

/// <summary>What a preparation found in the tables, as a file beside the dataset: also, and above all, when it refused them.</summary>
/// <param name="Outcome"><c>prepared</c> or <c>refused</c>.</param>
/// <param name="Reason">Of the refusal.</param>
/// <param name="Mode"><c>strict</c>: any bad row refuses; <c>tolerant</c>: up to <paramref name="MaxBadRows"/> are left out.</param>
/// <param name="BadRows">All of them; <paramref name="Listed"/> has the first 1,000.</param>
/// <param name="Warnings">What a person should look at before believing the figures.</param>
/// <param name="Profile">Of what was read until then.</param>
public sealed record PreparationReport(
    string Dataset,
    string Outcome,
    string? Reason,
    string Mode,
    int MaxBadRows,
    string? DatasetHash,
    ImmutableArray<TableReport> Tables,
    int BadRows,
    ImmutableArray<string> Warnings,
    DataProfile Profile,
    ImmutableArray<BadCell> Listed
)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Whole or not at all.</summary>
    public void Write(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    public static PreparationReport Read(string path) =>
        JsonSerializer.Deserialize<PreparationReport>(File.ReadAllBytes(path), Json)
        ?? throw new InvalidDataException($"{path} is empty");
}
