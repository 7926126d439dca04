using System.Text.Json;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Preparation;

/// <summary>
/// One preparation: people, then a pass to split and fit, then a pass to encode. Nothing grows with the interactions but
/// the files.
/// </summary>
internal sealed class PreparationRun
{
    private readonly DatasetDescription _description;
    private readonly string _folder;
    private readonly PreparationLog _log;
    private readonly People _users;
    private readonly People _candidates;
    private readonly InteractionReader _interactions;
    private readonly FeatureSchema? _given;

    /// <exception cref="BadTableException">The people's tables are not usable.</exception>
    public PreparationRun(DatasetDescription description, string folder, PreparationOptions options, PreparationLog log)
    {
        (_description, _folder, _log, _given) = (description, folder, log, options.Schema);
        _users = People.Read("users", folder, description.Users, description.Missing, log);
        _candidates = description.Candidates is { } table
            ? People.Read("candidates", folder, table, description.Missing, log)
            : _users;
        // Who is missing here would make bad rows of sound interactions.
        log.BadRows.Judge();
        _interactions = new InteractionReader(description, folder, options, (_users, _candidates), log);
    }

    private bool OneTable => ReferenceEquals(_users, _candidates);

    public DatasetMeta Write(string folder)
    {
        var files = new PreparedFiles(folder, _log.Cancelled);
        _interactions.FindBorders(files);
        var (schema, counts) = Fit();
        files.WriteText(PreparedDataset.SchemaFile, schema.ToJson());
        files.Write<float>(PreparedDataset.UsersFile, _users.Encode(schema.User, _log.Cancelled));
        if (!OneTable)
        {
            files.Write<float>(PreparedDataset.CandidatesFile, _candidates.Encode(schema.Candidate, _log.Cancelled));
        }

        var seeds = new SeedWriter(_users, _candidates, _description.Mutual);
        var positives = WriteInteractions(files, schema, counts, seeds);
        var pairs = PairProfiler.Of(files, checked((int)counts.All), OneTable, _log.Cancelled);
        _log.Add(pairs);
        foreach (var warning in PairProfiler.Warnings(pairs))
        {
            _log.Warn(warning);
        }

        var history = _description.History is { } table
            ? HistoryReader.Write(
                table,
                _folder,
                _description.Missing,
                (_users, _candidates),
                _interactions.Borders,
                _log,
                files,
                seeds
            )
            : 0;
        var known = seeds.Write(files, _log);
        var rows = checked((int)counts.All);
        var meta = new DatasetMeta(
            _description.Name,
            files.Hash(PreparedDataset.Hashed),
            schema.Id,
            rows,
            _users.Count,
            _candidates.Count,
            schema.User.Width,
            schema.Candidate.Width,
            schema.ContextWidth,
            (int)counts.Of(Split.Train),
            (int)counts.Of(Split.Valid),
            (int)counts.Of(Split.Test),
            positives / rows
        )
        {
            History = history,
            Mutual = _description.Mutual,
            Seeds = known,
            SeedsHash = files.Hash(PreparedDataset.SeedsFile),
            Timed = _interactions.Borders is not null,
            Warnings = _log.Warnings,
        };
        files.WriteText(PreparedDataset.MetaFile, JsonSerializer.Serialize(meta, PreparedDataset.Json));
        return meta;
    }

    private (FeatureSchema Schema, SplitTally Counts) Fit()
    {
        var counts = new SplitTally(_description.Split);
        var context = _interactions.Fitters().ToArray();
        var profiler = new TableProfiler("interactions", _description.Interactions.Columns);
        var (trainUsers, trainCandidates) = (new HashSet<int>(), new HashSet<int>());
        foreach (var row in _interactions.Read("fit"))
        {
            counts.Add(row.Split, row.User, row.Apart, row.Label);
            profiler.See(row.Context);
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

        profiler.Tell(_log);
        if (counts.Of(Split.Train) == 0 || counts.Of(Split.Valid) == 0)
        {
            throw new BadTableException(
                $"{_interactions.File}: the split leaves no rows to train on or to validate with"
            );
        }

        foreach (var split in (Split[])[Split.Train, Split.Valid])
        {
            if (counts.IsOfOneLabel(split))
            {
                var part = split == Split.Train ? "to train on" : "to validate with";
                throw new BadTableException(
                    $"{_interactions.File} column {_description.Interactions.Label}: the {counts.Of(split):N0} rows {part} must have labels above 0.5 and others; they have one kind"
                );
            }
        }

        if (_given is not null)
        {
            Warn(counts);
            return _given.Reciprocal == OneTable
                ? (_given, counts)
                : throw new BadTableException(
                    $"the schema that is given is for candidates that {(OneTable ? "are no" : "are")} users"
                );
        }

        if (OneTable)
        {
            // One table, one encoding: who was seen as a candidate is known too.
            trainUsers.UnionWith(trainCandidates);
        }

        var user = _users.Fit(trainUsers, _log.Cancelled);
        var candidate = OneTable ? user : _candidates.Fit(trainCandidates, _log.Cancelled);
        var schema = new FeatureSchema(user, candidate, new SideSchema([.. context.Select(f => f.Fit())]))
        {
            Reciprocal = OneTable,
        };
        Warn(counts);
        return (_description.Pairs.IsEmpty ? schema : WithPairs(schema, trainUsers, trainCandidates), counts);
    }

    private void Warn(SplitTally counts)
    {
        foreach (var warning in counts.Warnings())
        {
            _log.Warn(warning);
        }
    }

    private FeatureSchema WithPairs(FeatureSchema schema, HashSet<int> users, HashSet<int> candidates)
    {
        var fitters = _description
            .Pairs.Select(p => new PairFitter(p.Key, p.Value.Type, p.Value.Of, p.Value.And ?? p.Value.Of))
            .ToArray();
        foreach (var fitter in fitters)
        {
            See(users, _users, fitter.User, fitter);
            if (!OneTable)
            {
                See(candidates, _candidates, fitter.Candidate, fitter);
            }
        }

        var begun = schema with { Pairs = [.. fitters.Select(f => f.Begin())] };
        var people = new PreparedPeople(begun, _users, _candidates);
        foreach (var row in _interactions.Read("fit pairs").Where(r => r.Split == Split.Train))
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

    private void See(IEnumerable<int> rows, People people, string feature, PairFitter fitter)
    {
        foreach (var row in rows.Order())
        {
            _log.Cancelled.ThrowIfCancellationRequested();
            fitter.See(people[row].Items.FirstOrDefault(f => f.Name == feature));
        }
    }

    /// <summary>Returns the sum of the labels.</summary>
    private double WriteInteractions(PreparedFiles files, FeatureSchema schema, SplitTally counts, SeedWriter seeds)
    {
        var people = new PreparedPeople(schema, _users, _candidates);
        var leakage = new LeakageSample(schema, counts.Of(Split.Train));
        var context = new float[schema.ContextWidth];
        var positives = 0.0;
        using var contexts = files.Open<float>(PreparedDataset.ContextFile);
        using var users = files.Open<int>(PreparedDataset.UserIndexFile);
        using var candidates = files.Open<int>(PreparedDataset.CandidateIndexFile);
        using var labels = files.Open<float>(PreparedDataset.LabelFile);
        using var splits = files.Open<Split>(PreparedDataset.SplitFile);
        var isTimed = _interactions.Borders is not null;
        using var times = isTimed ? files.Open<long>(PreparedDataset.TimeFile) : null;
        foreach (var row in _interactions.Read("encode"))
        {
            var (user, candidate) = (people.User(row.User), people.Candidate(row.Candidate));
            schema.EncodeContext(row.Context, user, candidate, context);
            contexts.Add(context);
            users.Add(row.User);
            candidates.Add(row.Candidate);
            labels.Add(row.Label);
            splits.Add(row.Split);
            times?.Add(SeedWriter.Microseconds(row.Moment));
            positives += row.Label;
            if (row.Split == Split.Train)
            {
                if (row.Label >= PreparedDataset.Positive)
                {
                    seeds.Add(row.User, row.Candidate, isTimed ? row.Moment : null);
                }

                leakage.See(
                    row.Label,
                    (_users[row.User], user.Encoded),
                    (_candidates[row.Candidate], candidate.Encoded),
                    (row.Context, context)
                );
            }
        }

        foreach (var warning in leakage.Warnings(_log.Cancelled))
        {
            _log.Warn(warning);
        }

        return positives;
    }
}
