using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Preparation;

/// <param name="Apart">The cell of the column that is kept apart; empty where none is.</param>
/// <param name="Moment">Seconds since 1970 where the split is by time.</param>
internal readonly record struct InteractionRow(
    int User,
    int Candidate,
    float Label,
    Split Split,
    string Apart,
    double Moment,
    Features Context
);

/// <summary>
/// Reads the interactions, again for every pass. The first pass collects bad rows and refuses the table when they are too
/// many; later ones pass over the same rows.
/// </summary>
internal sealed class InteractionReader
{
    private const int UserKey = 0;
    private const int CandidateKey = 1;
    private const int Label = 2;
    private const int SplitColumn = 3;
    private const int ApartColumn = 4;

    private readonly DatasetDescription _description;
    private readonly CellParser _cells;
    private readonly People _users;
    private readonly People _candidates;
    private readonly PreparationLog _log;
    private readonly SplitRule _split;
    private readonly TimeText _time;
    private bool _judged;

    public InteractionReader(
        DatasetDescription description,
        string folder,
        PreparationOptions options,
        (People Users, People Candidates) people,
        PreparationLog log
    )
    {
        (_description, _log) = (description, log);
        (_users, _candidates) = people;
        var table = description.Interactions;
        File = Path.Combine(folder, table.File);
        _time = new TimeText(description.Split.Format);
        _cells = new CellParser(
            File,
            table.Format,
            [
                table.User,
                table.Candidate,
                table.Label,
                description.Split.Column ?? table.Label,
                description.Split.Apart ?? table.Label,
            ],
            table.Columns,
            description.Missing
        );
        _split = RuleOf(description.Split, options);
    }

    public string File { get; }

    /// <summary>Null where the split is not by time, and until <see cref="FindBorders"/>.</summary>
    public TimeBorders? Borders { get; private set; }

    public IEnumerable<FeatureFitter> Fitters() => _cells.Fitters();

    /// <summary>A pass of its own where the split is by time; all moments wait in a file.</summary>
    /// <exception cref="BadTableException">The rows cannot be parted by their time.</exception>
    public void FindBorders(PreparedFiles files)
    {
        if (_split.Rule != SplitKind.Time)
        {
            return;
        }

        const string moments = "moments.f64";
        using (var column = files.Open<double>(moments))
        {
            foreach (var row in Read("times"))
            {
                column.Add(row.Moment);
            }
        }

        try
        {
            Borders = TimeBorders.Of(Moments(files.PathOf(moments)), _split.Valid, _split.Test);
        }
        catch (FormatException e)
        {
            throw new BadTableException($"{File} column {_split.Column}: {e.Message}", e);
        }

        System.IO.File.Delete(files.PathOf(moments));
    }

    public IEnumerable<InteractionRow> Read(string step)
    {
        var number = 0L;
        foreach (var row in _log.Read(step, File, _description.Interactions.Format, _cells.Wanted))
        {
            InteractionRow parsed;
            try
            {
                parsed = Parse(row, number);
            }
            catch (BadTableException e) when (e.Cell is { } cell)
            {
                if (!_judged)
                {
                    _log.BadRows.Add(cell);
                }

                continue;
            }
            finally
            {
                number++;
            }

            yield return parsed;
        }

        _judged = true;
        _log.BadRows.Judge();
    }

    private InteractionRow Parse(ITableRow row, long number)
    {
        var label = _cells.Number(row, Label);
        if (label is < 0 or > 1)
        {
            throw _cells.Bad(row, Label, "must be 0 to 1");
        }

        var moment = _split.Rule == SplitKind.Time ? _cells.Moment(row, SplitColumn, _time) : 0;
        return new InteractionRow(
            _users.Find(_cells, row, UserKey),
            _candidates.Find(_cells, row, CandidateKey),
            (float)label,
            SplitOf(row, number, moment),
            _description.Split.Apart is null ? "" : _cells.Text(row, ApartColumn),
            moment,
            _cells.Parse(row)
        );
    }

    private Split SplitOf(ITableRow row, long number, double moment)
    {
        if (_split.Rule == SplitKind.Time)
        {
            return Borders?.Of(moment) ?? Split.Train;
        }

        if (_split.Rule == SplitKind.Group && _cells.IsMissing(row, SplitColumn))
        {
            throw _cells.Bad(row, SplitColumn, "is missing; a split by group needs every row's");
        }

        try
        {
            return _split.Of(number, _cells.Text(row, SplitColumn));
        }
        catch (FormatException e)
        {
            throw _cells.Bad(row, SplitColumn, e.Message);
        }
    }

    private SplitRule RuleOf(SplitRule rule, PreparationOptions options)
    {
        if (options.Folds > 0)
        {
            rule = rule with { Folds = options.Folds, Fold = options.Fold };
        }

        try
        {
            rule.Check();
            return rule.NeedsValues ? rule.Over(Values(rule.Column!)) : rule;
        }
        catch (FormatException e)
        {
            throw new BadTableException($"{File}: {e.Message}", e);
        }
    }

    /// <summary>Of every row where the column is read; those where it cannot be are listed by the first pass over whole rows.</summary>
    private IEnumerable<string> Values(string column)
    {
        foreach (var row in _log.Read("split", File, _description.Interactions.Format, [column]))
        {
            string value;
            try
            {
                value = row[0];
            }
            catch (BadTableException e) when (e.Cell is not null)
            {
                continue;
            }

            yield return value;
        }
    }

    private IEnumerable<double> Moments(string path)
    {
        var part = new double[1 << 16];
        using var stream = System.IO.File.OpenRead(path);
        while (true)
        {
            _log.Cancelled.ThrowIfCancellationRequested();
            var read = stream.ReadAtLeast(
                MemoryMarshal.AsBytes(part.AsSpan()),
                part.Length * sizeof(double),
                throwOnEndOfStream: false
            );
            for (var k = 0; k < read / sizeof(double); k++)
            {
                yield return part[k];
            }

            if (read < part.Length * sizeof(double))
            {
                yield break;
            }
        }
    }
}
