using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RalmActors.ClusterHost.Http;

/// <summary>The rows of a bulk request: elements of a JSON array, or lines of JSON as they arrive.</summary>
public static class BulkRows
{
    public const int MaxRows = 100_000;
    public const int MaxRowBytes = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Of <c>application/x-ndjson</c> and its other names.</summary>
    public static bool AreLines(HttpRequest request) =>
        request.GetTypedHeaders().ContentType?.MediaType.Value
            is "application/x-ndjson"
                or "application/jsonl"
                or "application/jsonlines";

    /// <summary>Lines, blank ones left out. What cannot be one is given as what is wrong with it.</summary>
    public static async IAsyncEnumerable<(string? Text, Problem? Problem)> Lines(
        PipeReader body,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var isTooLong = false;
        var lines = new List<(string? Text, Problem? Problem)>();
        bool isLast;
        do
        {
            // What is read is given back before anybody works on it: the body may be left at any line.
            var read = await body.ReadAsync(ct);
            isLast = read.IsCompleted;
            Cut(read.Buffer);
            foreach (var line in lines)
            {
                yield return line;
            }

            lines.Clear();
        } while (!isLast);

        void Cut(ReadOnlySequence<byte> buffer)
        {
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Add(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (isLast)
            {
                Add(buffer);
                buffer = buffer.Slice(buffer.End);
            }
            else if (buffer.Length > MaxRowBytes)
            {
                // The rest of it is not kept either.
                isTooLong = true;
                buffer = buffer.Slice(buffer.End);
            }

            body.AdvanceTo(buffer.Start, buffer.End);
        }

        void Add(ReadOnlySequence<byte> bytes)
        {
            if (isTooLong || bytes.Length > MaxRowBytes)
            {
                lines.Add((null, TooLong));
            }
            else if (LineOf(bytes) is { } line)
            {
                lines.Add(line);
            }

            isTooLong = false;
        }
    }

    /// <summary>Elements of the array that the body is.</summary>
    public static async Task<(IReadOnlyList<string> Rows, Problem? Problem)> Elements(
        HttpRequest request,
        CancellationToken ct
    )
    {
        try
        {
            using var reader = new StreamReader(request.Body, Utf8, detectEncodingFromByteOrderMarks: false);
            var text = await reader.ReadToEndAsync(ct);
            return JsonNode.Parse(text) is JsonArray array
                ? ([.. array.Select(e => e?.ToJsonString() ?? "null")], null)
                : ([], NoRows());
        }
        catch (JsonException e)
        {
            return ([], NoRows($"; it {Ralm.Datasets.Descriptions.JsonFault.Of(e)}"));
        }
        catch (DecoderFallbackException)
        {
            return ([], Problem.Invalid("body", "", "must be UTF-8"));
        }
    }

    private static Problem TooLong => Problem.Invalid("body", "", $"must be at most {MaxRowBytes:N0} bytes in a line");

    public static Problem TooMany =>
        Problem.Invalid("body", "", $"must be at most {MaxRows:N0} rows; this and those behind it are not taken");

    public static Problem NoRows(string why = "") =>
        Problem.Invalid(
            "body",
            "",
            $"must be a JSON array of content type application/json, or lines of JSON of application/x-ndjson{why}"
        );

    private static (string? Text, Problem? Problem)? LineOf(ReadOnlySequence<byte> bytes)
    {
        try
        {
            var text = Utf8.GetString(bytes).Trim('\uFEFF', ' ', '\t', '\r');
            return text.Length == 0 ? null : (text, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problem.Invalid("body", "", "must be UTF-8"));
        }
    }
}
