using System.Collections.Immutable;
using System.Text.Json;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using Ralm.Ranking.Seeds;

namespace Ralm.Datasets.Preparation;

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

    /// <summary>Seeds that the audiences remember of the training part and of the history.</summary>
    public int Seeds { get; init; }

    /// <summary>sha256 of the file of these seeds; empty where a dataset has none.</summary>
    public string SeedsHash { get; init; } = "";

    /// <summary>Rows have times: none is trained on with seeds that came later.</summary>
    public bool Timed { get; init; }

    /// <summary>What a person should look at before believing the figures.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>
/// A dataset ready to be trained on: every person encoded once, every interaction two indexes, a label and its context.
/// Arrays are raw little-endian files. The people's are read whole, the interactions' are mapped: in memory are four bytes
/// a row, which say whose part it is, and eight for every known response.
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

    internal const string UserIdsFile = "user_ids.txt";
    internal const string CandidateIdsFile = "candidate_ids.txt";
    internal const string TimeFile = "time.i64";
    internal const string SeedCandidateFile = "seed_candidate.i32";
    internal const string SeedUserFile = "seed_user.i32";
    internal const string SeedSinceFile = "seed_since.i64";
    internal const string SeedsFile = "seeds.bin";

    /// <summary>From here on a response counts as the outcome wished for.</summary>
    internal const float Positive = 0.5f;

    /// <summary>What the hash covers, in its order.</summary>
    internal static readonly string[] Hashed =
    [
        SchemaFile,
        UsersFile,
        CandidatesFile,
        ContextFile,
        UserIndexFile,
        CandidateIndexFile,
        LabelFile,
        SplitFile,
        HistoryUserFile,
        HistoryCandidateFile,
        UserIdsFile,
        CandidateIdsFile,
        TimeFile,
        SeedsFile,
    ];

    /// <summary>All that a dataset's folder may hold.</summary>
    internal static readonly string[] Files = [.. Hashed, MetaFile, SeedCandidateFile, SeedUserFile, SeedSinceFile];

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    private readonly float[] _users;
    private readonly float[] _candidates;
    private readonly Column<float> _context;
    private readonly Column<int> _userIndex;
    private readonly Column<int> _candidateIndex;
    private readonly Column<float> _labels;
    private readonly Column<Split> _splits;
    private readonly (Column<int> User, Column<int> Candidate) _history;
    private readonly Lazy<int[]>[] _rows;
    private readonly Lazy<(int User, int Candidate)[]> _responses;
    private readonly Column<long>? _times;
    private readonly DatasetSeeds _seeds;

    /// <summary>Of arrays that are in memory already.</summary>
    internal PreparedDataset(
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
        : this(
            meta,
            schema,
            (users, candidates),
            new Column<float>(context),
            (new Column<int>(userIndex), new Column<int>(candidateIndex)),
            new Column<float>(labels),
            new Column<Split>(splits),
            (new Column<int>(historyUser ?? []), new Column<int>(historyCandidate ?? []))
        ) { }

    private PreparedDataset(
        DatasetMeta meta,
        FeatureSchema? schema,
        (float[] Users, float[]? Candidates) people,
        Column<float> context,
        (Column<int> User, Column<int> Candidate) index,
        Column<float> labels,
        Column<Split> splits,
        (Column<int> User, Column<int> Candidate) history,
        Column<long>? times = null,
        DatasetSeeds? seeds = null
    )
    {
        (Meta, Schema) = (meta, schema);
        (_users, _candidates, _context) = (people.Users, people.Candidates ?? people.Users, context);
        ((_userIndex, _candidateIndex), _labels, _splits, _history) = (index, labels, splits, history);
        _rows = [.. Enum.GetValues<Split>().Select(s => new Lazy<int[]>(() => RowsOf(s)))];
        _responses = new(Known);
        _times = times;
        _seeds = seeds ?? DatasetSeeds.Of(meta.Candidates, () => _responses.Value);
    }

    public DatasetMeta Meta { get; }

    /// <summary>Null only for arrays that were made without one (benchmarks).</summary>
    public FeatureSchema? Schema { get; }

    /// <summary>What the folder says about itself; its arrays are not read.</summary>
    /// <exception cref="InvalidDataException">There is no such folder, or it is no prepared dataset.</exception>
    public static DatasetMeta Look(string folder) =>
        JsonSerializer.Deserialize<DatasetMeta>(Text(folder, MetaFile), Json)
        ?? throw new InvalidDataException($"{folder}/{MetaFile} is empty");

    /// <exception cref="InvalidDataException">A file is missing or of the wrong length.</exception>
    public static PreparedDataset Open(string folder)
    {
        var meta = Look(folder);
        var candidates = File.Exists(Path.Combine(folder, CandidatesFile))
            ? Mapped<float>(CandidatesFile, (long)meta.Candidates * meta.CandidateWidth).ToArray()
            : null;
        return new PreparedDataset(
            meta,
            FeatureSchema.FromJson(Text(folder, SchemaFile)),
            (Mapped<float>(UsersFile, (long)meta.Users * meta.UserWidth).ToArray(), candidates),
            Mapped<float>(ContextFile, (long)meta.Rows * meta.ContextWidth),
            (Mapped<int>(UserIndexFile, meta.Rows), Mapped<int>(CandidateIndexFile, meta.Rows)),
            Mapped<float>(LabelFile, meta.Rows),
            Mapped<Split>(SplitFile, meta.Rows),
            meta.History == 0
                ? (new Column<int>([]), new Column<int>([]))
                : (Mapped<int>(HistoryUserFile, meta.History), Mapped<int>(HistoryCandidateFile, meta.History)),
            meta.Timed ? Mapped<long>(TimeFile, meta.Rows) : null,
            meta.SeedsHash.Length == 0 ? null : DatasetSeeds.Open(folder, meta)
        )
        {
            SeedsPath = meta.SeedsHash.Length == 0 ? null : Path.Combine(folder, SeedsFile),
        };

        Column<T> Mapped<T>(string file, long length)
            where T : unmanaged => Column<T>.Open(Path.Combine(folder, file), length);
    }

    /// <summary>Row numbers of one split, ascending.</summary>
    public ReadOnlySpan<int> Rows(Split split) => _rows[(int)split].Value;

    /// <summary>Every positive response that may be known: of the training rows and of the history; both ways where ties
    /// are mutual.</summary>
    public IReadOnlyList<(int User, int Candidate)> Responses => _responses.Value;

    /// <summary>Of these, per candidate, those that an audience remembers.</summary>
    public Audiences Audiences => _seeds.Audiences;

    public SeedOrder SeedOrder => _seeds.Order;

    /// <summary>The same seeds with raw features; null: there are none.</summary>
    public string? SeedsPath { get; private init; }

    /// <summary>Seeds that joined before then may be seen by a training row: microseconds since 1970.</summary>
    public long TimeOf(int row) => _times?[row] ?? long.MaxValue;

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
            _context.Read((long)row * x, context.Slice(i * x, x));
            labels[i] = _labels[row];
        }
    }

    private int[] RowsOf(Split split)
    {
        var rows = new int[Places(split).Count()];
        var next = 0;
        foreach (var row in Places(split))
        {
            rows[next++] = row;
        }

        return rows;
    }

    private IEnumerable<int> Places(Split split)
    {
        var part = new Split[4_096];
        for (var from = 0; from < _splits.Length; from += part.Length)
        {
            var count = (int)Math.Min(part.Length, _splits.Length - from);
            _splits.Read(from, part.AsSpan(0, count));
            for (var k = 0; k < count; k++)
            {
                if (part[k] == split)
                {
                    yield return from + k;
                }
            }
        }
    }

    private (int User, int Candidate)[] Known()
    {
        var known = new List<(int User, int Candidate)>();
        foreach (var row in Rows(Split.Train))
        {
            if (_labels[row] >= Positive)
            {
                Add(_userIndex[row], _candidateIndex[row]);
            }
        }

        for (var k = 0; k < _history.User.Length; k++)
        {
            Add(_history.User[k], _history.Candidate[k]);
        }

        return [.. known];

        void Add(int user, int candidate)
        {
            known.Add((user, candidate));
            if (Meta.Mutual)
            {
                known.Add((candidate, user));
            }
        }
    }

    private static string Text(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path) : throw new InvalidDataException($"{path}: no such file");
    }
}
