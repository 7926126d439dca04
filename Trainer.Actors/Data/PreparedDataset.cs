using System.Runtime.InteropServices;
using System.Text.Json;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Domain.Seeds;

namespace RalmActors.Trainer.Data;

/// <summary>What a prepared dataset's folder says about itself, in <c>meta.json</c>.</summary>
/// <param name="Hash">sha256 over all arrays and the schema: the same data, the same hash.</param>
public sealed record DatasetMeta(
    string Name,
    string Hash,
    string SchemaId,
    int Rows,
    int Users,
    int Candidates,
    int UserWidth,
    int CandidateWidth,
    int ContextWidth,
    int Train,
    int Valid,
    int Test,
    double Positives
)
{
    /// <summary>Positive responses of an earlier time.</summary>
    public int History { get; init; }

    /// <summary>Who responded was responded to.</summary>
    public bool Mutual { get; init; }
}

/// <summary>
/// A dataset ready to be trained on: every person encoded once, every interaction two indexes, a label and its context.
/// Arrays are raw little-endian files, read whole.
/// </summary>
public sealed class PreparedDataset
{
    internal const string MetaFile = "meta.json";
    internal const string SchemaFile = "schema.json";
    internal const string UsersFile = "users.f32";
    internal const string CandidatesFile = "candidates.f32";
    internal const string ContextFile = "context.f32";
    internal const string UserIndexFile = "user_index.i32";
    internal const string CandidateIndexFile = "candidate_index.i32";
    internal const string LabelFile = "label.f32";
    internal const string SplitFile = "split.u8";
    internal const string HistoryUserFile = "history_user.i32";
    internal const string HistoryCandidateFile = "history_candidate.i32";

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    private readonly float[] _users;
    private readonly float[] _candidates;
    private readonly float[] _context;
    private readonly int[] _userIndex;
    private readonly int[] _candidateIndex;
    private readonly float[] _labels;
    private readonly Lazy<int[]>[] _rows;
    private readonly Lazy<(int User, int Candidate)[]> _responses;
    private readonly Lazy<Audiences> _audiences;

    /// <param name="candidates">Null: candidates are users.</param>
    public PreparedDataset(
        DatasetMeta meta,
        FeatureSchema? schema,
        float[] users,
        float[]? candidates,
        float[] context,
        int[] userIndex,
        int[] candidateIndex,
        float[] labels,
        Split[] splits,
        int[]? historyUser = null,
        int[]? historyCandidate = null
    )
    {
        (Meta, Schema) = (meta, schema);
        (_users, _candidates, _context) = (users, candidates ?? users, context);
        (_userIndex, _candidateIndex, _labels) = (userIndex, candidateIndex, labels);
        _rows =
        [
            .. Enum.GetValues<Split>()
                .Select(s => new Lazy<int[]>(() => [.. Enumerable.Range(0, splits.Length).Where(r => splits[r] == s)])),
        ];
        _responses = new(() => Known(historyUser ?? [], historyCandidate ?? []));
        _audiences = new(() => new Audiences(meta.Candidates, _responses.Value));
    }

    public DatasetMeta Meta { get; }

    /// <summary>Null only for arrays that were made without one (benchmarks).</summary>
    public FeatureSchema? Schema { get; }

    /// <exception cref="InvalidDataException">A file is missing or of the wrong length.</exception>
    public static PreparedDataset Open(string folder)
    {
        var meta =
            JsonSerializer.Deserialize<DatasetMeta>(Text(folder, MetaFile), Json)
            ?? throw new InvalidDataException($"{folder}/{MetaFile} is empty");
        var candidates = File.Exists(Path.Combine(folder, CandidatesFile))
            ? Array<float>(folder, CandidatesFile, (long)meta.Candidates * meta.CandidateWidth)
            : null;
        return new PreparedDataset(
            meta,
            FeatureSchema.FromJson(Text(folder, SchemaFile)),
            Array<float>(folder, UsersFile, (long)meta.Users * meta.UserWidth),
            candidates,
            Array<float>(folder, ContextFile, (long)meta.Rows * meta.ContextWidth),
            Array<int>(folder, UserIndexFile, meta.Rows),
            Array<int>(folder, CandidateIndexFile, meta.Rows),
            Array<float>(folder, LabelFile, meta.Rows),
            Array<Split>(folder, SplitFile, meta.Rows),
            meta.History == 0 ? null : Array<int>(folder, HistoryUserFile, meta.History),
            meta.History == 0 ? null : Array<int>(folder, HistoryCandidateFile, meta.History)
        );
    }

    /// <summary>Row numbers of one split, ascending.</summary>
    public ReadOnlySpan<int> Rows(Split split) => _rows[(int)split].Value;

    /// <summary>Every positive response that may be known: of the training rows and of the history; both ways where ties
    /// are mutual.</summary>
    public IReadOnlyList<(int User, int Candidate)> Responses => _responses.Value;

    /// <summary>The same, per candidate.</summary>
    public Audiences Audiences => _audiences.Value;

    public float Label(int row) => _labels[row];

    /// <summary>The row's user, by their place in the users table.</summary>
    public int UserOf(int row) => _userIndex[row];

    public int CandidateOf(int row) => _candidateIndex[row];

    /// <summary>Numbers of users one behind the other.</summary>
    public ReadOnlySpan<float> UserNumbers(int from, int count) =>
        _users.AsSpan(from * Meta.UserWidth, count * Meta.UserWidth);

    public ReadOnlySpan<float> CandidateNumbers(int candidate) =>
        _candidates.AsSpan(candidate * Meta.CandidateWidth, Meta.CandidateWidth);

    /// <summary>Copies the rows' inputs one behind the other; each span holds rows × its width.</summary>
    public void Gather(
        ReadOnlySpan<int> rows,
        Span<float> users,
        Span<float> candidates,
        Span<float> context,
        Span<float> labels
    )
    {
        var (u, c, x) = (Meta.UserWidth, Meta.CandidateWidth, Meta.ContextWidth);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            _users.AsSpan(_userIndex[row] * u, u).CopyTo(users[(i * u)..]);
            _candidates.AsSpan(_candidateIndex[row] * c, c).CopyTo(candidates[(i * c)..]);
            _context.AsSpan(row * x, x).CopyTo(context[(i * x)..]);
            labels[i] = _labels[row];
        }
    }

    private (int User, int Candidate)[] Known(int[] historyUser, int[] historyCandidate)
    {
        var known = Rows(Split.Train)
            .ToArray()
            .Where(r => _labels[r] >= 0.5f)
            .Select(r => (_userIndex[r], _candidateIndex[r]))
            .Concat(historyUser.Zip(historyCandidate));
        return [.. Meta.Mutual ? known.SelectMany(k => ((int, int)[])[k, (k.Item2, k.Item1)]) : known];
    }

    private static string Text(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path) : throw new InvalidDataException($"{path}: no such file");
    }

    private static T[] Array<T>(string folder, string file, long length)
        where T : unmanaged
    {
        var path = Path.Combine(folder, file);
        var info = new FileInfo(path);
        var expected = length * Marshal.SizeOf<byte>() * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (!info.Exists || info.Length != expected)
        {
            throw new InvalidDataException(
                $"{path}: {(info.Exists ? $"{info.Length} bytes" : "no such file")}, {expected} bytes expected"
            );
        }

        var values = new T[length];
        using var stream = info.OpenRead();
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
