using System.Collections.Immutable;
using Ralm.Datasets.Descriptions;

namespace Ralm.Datasets.Preparation;

/// <summary>Responses of an earlier time. Where the split is by time, those that are not earlier are left out.</summary>
internal static class HistoryReader
{
    private const int UserKey = 0;
    private const int CandidateKey = 1;
    private const int Time = 2;

    /// <summary>Writes both columns; returns the responses written.</summary>
    public static int Write(
        HistoryTable table,
        string folder,
        ImmutableArray<string> missing,
        (People Users, People Candidates) people,
        TimeBorders? borders,
        PreparationLog log,
        PreparedFiles files,
        SeedWriter seeds
    )
    {
        var path = Path.Combine(folder, table.File);
        var cells = new CellParser(
            path,
            table.Format,
            [table.User, table.Candidate, table.Time ?? table.User],
            ImmutableSortedDictionary<string, ColumnRule>.Empty,
            missing
        );
        var time = new TimeText(table.TimeFormat);
        var (written, late) = (0, 0);
        using (var users = files.Open<int>(PreparedDataset.HistoryUserFile))
        using (var candidates = files.Open<int>(PreparedDataset.HistoryCandidateFile))
        {
            foreach (var row in log.Read("history", path, table.Format, cells.Wanted))
            {
                try
                {
                    var user = people.Users.Find(cells, row, UserKey);
                    var candidate = people.Candidates.Find(cells, row, CandidateKey);
                    double? moment = borders is null ? null : cells.Moment(row, Time, time);
                    if (moment is { } at && borders!.Of(at) != Split.Train)
                    {
                        late++;
                        continue;
                    }

                    users.Add(user);
                    candidates.Add(candidate);
                    seeds.Add(user, candidate, moment);
                    written++;
                }
                catch (BadTableException e) when (e.Cell is { } cell)
                {
                    log.BadRows.Add(cell);
                }
            }
        }

        log.BadRows.Judge();
        if (late > 0)
        {
            log.Warn(
                $"history: {late:N0} of {late + written:N0} responses are not before the first validation row and were left out"
            );
        }

        return written;
    }
}
