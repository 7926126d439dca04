using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RalmActors.Messages.Learning;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>One preparation: people, then a pass to split and fit, then a pass to encode.</summary>
internal sealed class PreparationRun : IDisposable
{
    private const int ReportEvery = 20_000;

    private const int UserKey = 0;
    private const int CandidateKey = 1;
    private const int Label = 2;
    private const int SplitColumn = 3;

    private readonly DatasetDescription _description;
    private readonly SplitRule _split;
    private readonly PreparationOptions _options;
    private readonly IProgress<PreparationProgress>? _progress;
    private readonly CancellationToken _ct;
    private readonly string _interactionsFile;
    private readonly CellParser _interactions;
    private readonly People _users;
    private readonly People _candidates;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<string> _bad = [];

    public PreparationRun(
        DatasetDescription description,
        string folder,
        PreparationOptions options,
        IProgress<PreparationProgress>? progress,
        CancellationToken ct
    )
    {
        (_description, _options, _progress, _ct) = (description, options, progress, ct);
        _interactionsFile = Path.Combine(folder, description.Interactions.File);
        _interactions = new CellParser(
            _interactionsFile,
            [
                description.Interactions.User,
                description.Interactions.Candidate,
                description.Interactions.Label,
                description.Split.Column ?? description.Interactions.Label,
            ],
            description.Interactions.Columns,
            description.Missing
        );
        _users = People.Read(folder, description.Users, description.Missing, Counted("users"));
        _candidates = description.Candidates is { } table
            ? People.Read(folder, table, description.Missing, Counted("candidates"))
            : _users;
        _split = RuleOf(description.Split);
    }

    public ImmutableArray<string> BadRows => [.. _bad];

    public DatasetMeta Write(string folder)
    {
        var (splits, schema) = Fit();
        WriteText(folder, PreparedDataset.SchemaFile, schema.ToJson());
        WriteArray<float>(folder, PreparedDataset.UsersFile, _users.Encode(schema.User));
        if (_description.Candidates is not null)
        {
            WriteArray<float>(folder, PreparedDataset.CandidatesFile, _candidates.Encode(schema.Candidate));
        }

        var positives = WriteInteractions(folder, schema, splits);
        var history = WriteHistory(folder);
        var counts = splits.CountBy(s => s).ToDictionary(c => c.Key, c => c.Value);
        var meta = new DatasetMeta(
            _description.Name,
            Convert.ToHexStringLower(_hash.GetHashAndReset()),
            schema.Id,
            splits.Count,
            _users.Count,
            _candidates.Count,
            schema.User.Width,
            schema.Candidate.Width,
            schema.ContextWidth,
            counts.GetValueOrDefault(Split.Train),
            counts.GetValueOrDefault(Split.Valid),
            counts.GetValueOrDefault(Split.Test),
            splits.Count == 0 ? 0 : positives / splits.Count
        )
        {
            History = history,
            Mutual = _description.Mutual,
        };
        File.WriteAllText(
            Path.Combine(folder, PreparedDataset.MetaFile),
            JsonSerializer.Serialize(meta, PreparedDataset.Json)
        );
        return meta;
    }

    public void Dispose() => _hash.Dispose();

    private (List<Split> Splits, FeatureSchema Schema) Fit()
    {
        var splits = new List<Split>();
        var context = _interactions.Fitters().ToArray();
        var (trainUsers, trainCandidates) = (new HashSet<int>(), new HashSet<int>());
        foreach (var row in Interactions("fit"))
        {
            splits.Add(row.Split);
            if (row.Split == Split.Train)
            {
                trainUsers.Add(row.User);
                trainCandidates.Add(row.Candidate);
                foreach (var (fitter, feature) in People.Pair(context, row.Context))
                {
                    fitter.See(feature);
                }
            }
        }

        if (!splits.Contains(Split.Train) || !splits.Contains(Split.Valid))
        {
            throw new BadTableException(
                $"{_interactionsFile}: the split leaves no rows to train on or to validate with"
            );
        }

        if (ReferenceEquals(_users, _candidates))
        {
            // One table, one encoding: who was seen as a candidate is known too.
            trainUsers.UnionWith(trainCandidates);
        }

        var oneTable = ReferenceEquals(_users, _candidates);
        var user = _users.Fit(trainUsers);
        var candidate = oneTable ? user : _candidates.Fit(trainCandidates);
        var schema = new FeatureSchema(user, candidate, new SideSchema([.. context.Select(f => f.Fit())]))
        {
            Reciprocal = oneTable,
        };
        return (splits, _description.Pairs.IsEmpty ? schema : WithPairs(schema, trainUsers, trainCandidates));
    }

    private FeatureSchema WithPairs(FeatureSchema schema, HashSet<int> users, HashSet<int> candidates)
    {
        var fitters = _description
            .Pairs.Select(p => new PairFitter(p.Key, p.Value.Type, p.Value.Of, p.Value.And ?? p.Value.Of))
            .ToArray();
        foreach (var fitter in fitters)
        {
            See(users, _users, fitter.User, fitter);
            if (!ReferenceEquals(_users, _candidates))
            {
                See(candidates, _candidates, fitter.Candidate, fitter);
            }
        }

        var begun = schema with { Pairs = [.. fitters.Select(f => f.Begin())] };
        var people = new PreparedPeople(begun, _users, _candidates);
        _bad.Clear();
        foreach (var row in Interactions("fit pairs").Where(r => r.Split == Split.Train))
        {
            var (u, c) = (people.User(row.User), people.Candidate(row.Candidate));
            for (var k = 0; k < fitters.Length; k++)
            {
                fitters[k].See(begun.Pairs[k], u.Pairs[k], c.Pairs[k]);
            }
        }

        return schema with
        {
            Pairs = [.. fitters.Select((f, k) => f.Fit(begun.Pairs[k]))],
        };
    }

    private static void See(IEnumerable<int> rows, People people, string feature, PairFitter fitter)
    {
        foreach (var row in rows.Order())
        {
            fitter.See(people[row].Items.FirstOrDefault(f => f.Name == feature));
        }
    }

    private double WriteInteractions(string folder, FeatureSchema schema, List<Split> splits)
    {
        var rows = splits.Count;
        var (userIndex, candidateIndex, labels) = (new int[rows], new int[rows], new float[rows]);
        var width = schema.ContextWidth;
        var context = new float[(long)rows * width];
        var people = new PreparedPeople(schema, _users, _candidates);
        var next = 0;
        _bad.Clear();
        foreach (var row in Interactions("encode"))
        {
            (userIndex[next], candidateIndex[next], labels[next]) = (row.User, row.Candidate, row.Label);
            schema.EncodeContext(
                row.Context,
                people.User(row.User),
                people.Candidate(row.Candidate),
                context.AsSpan(next * width, width)
            );
            next++;
        }

        WriteArray<float>(folder, PreparedDataset.ContextFile, context);
        WriteArray<int>(folder, PreparedDataset.UserIndexFile, userIndex);
        WriteArray<int>(folder, PreparedDataset.CandidateIndexFile, candidateIndex);
        WriteArray<float>(folder, PreparedDataset.LabelFile, labels);
        WriteArray<Split>(folder, PreparedDataset.SplitFile, CollectionsMarshal.AsSpan(splits));
        return labels.Sum(label => (double)label);
    }

    /// <summary>Returns the responses written.</summary>
    private int WriteHistory(string folder)
    {
        if (_description.History is not { } table)
        {
            return 0;
        }

        var path = Path.Combine(Path.GetDirectoryName(_interactionsFile)!, table.File);
        var cells = new CellParser(
            path,
            [table.User, table.Candidate],
            ImmutableSortedDictionary<string, ColumnRule>.Empty,
            _description.Missing
        );
        var (users, candidates) = (new List<int>(), new List<int>());
        foreach (var row in Counted("history")(TableReader.Read(path, cells.Wanted)))
        {
            users.Add(Find(_users, cells, row, UserKey));
            candidates.Add(Find(_candidates, cells, row, CandidateKey));
        }

        WriteArray<int>(folder, PreparedDataset.HistoryUserFile, CollectionsMarshal.AsSpan(users));
        WriteArray<int>(folder, PreparedDataset.HistoryCandidateFile, CollectionsMarshal.AsSpan(candidates));
        return users.Count;
    }

    private readonly record struct Row(int User, int Candidate, float Label, Split Split, Features Context);

    private IEnumerable<Row> Interactions(string step)
    {
        var number = 0L;
        foreach (var row in Counted(step)(TableReader.Read(_interactionsFile, _interactions.Wanted)))
        {
            Row parsed;
            try
            {
                parsed = Parse(row, number);
            }
            catch (BadTableException e) when (_bad.Count < _options.MaxBadRows)
            {
                _bad.Add(e.Message);
                continue;
            }
            finally
            {
                number++;
            }

            yield return parsed;
        }
    }

    private Row Parse(ITableRow row, long number)
    {
        var label = _interactions.Number(row, Label);
        if (label is < 0 or > 1)
        {
            throw _interactions.Bad(row, Label, "must be 0 to 1");
        }

        return new Row(
            Find(_users, _interactions, row, UserKey),
            Find(_candidates, _interactions, row, CandidateKey),
            (float)label,
            SplitOf(row, number),
            _interactions.Parse(row)
        );
    }

    private SplitRule RuleOf(SplitRule rule)
    {
        if (_options.Folds > 0)
        {
            rule = rule with { Folds = _options.Folds, Fold = _options.Fold };
        }

        try
        {
            rule.Check();
        }
        catch (FormatException e)
        {
            throw new BadTableException(e.Message, e);
        }

        return rule is { Folds: > 0, Rule: SplitKind.Group }
            ? rule.Over(
                Counted("groups")(TableReader.Read(_interactionsFile, [rule.Column!]))
                    .Select(row => row[0])
                    .ToHashSet(StringComparer.Ordinal)
            )
            : rule;
    }

    private static int Find(People people, CellParser cells, ITableRow row, int key) =>
        people.TryFind(row[key], out var index) ? index : throw cells.Bad(row, key, $"is not in {people.File}");

    private Split SplitOf(ITableRow row, long number)
    {
        try
        {
            return _split.Of(number, row[SplitColumn]);
        }
        catch (FormatException e)
        {
            throw _interactions.Bad(row, SplitColumn, e.Message);
        }
    }

    private Func<IEnumerable<ITableRow>, IEnumerable<ITableRow>> Counted(string step) =>
        rows =>
            rows.Select(
                (row, i) =>
                {
                    if (i % ReportEvery == 0)
                    {
                        _ct.ThrowIfCancellationRequested();
                        _progress?.Report(new PreparationProgress(step, i));
                    }

                    return row;
                }
            );

    private void WriteText(string folder, string file, string text)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes(text));
        File.WriteAllText(Path.Combine(folder, file), text);
    }

    private void WriteArray<T>(string folder, string file, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        _hash.AppendData(bytes);
        using var stream = File.Create(Path.Combine(folder, file));
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }
}
