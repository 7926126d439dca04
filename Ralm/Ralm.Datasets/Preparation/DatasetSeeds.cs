using Ralm.Ranking.Seeds;

namespace Ralm.Datasets.Preparation;

/// <summary>Who is a seed of whom in a dataset, and how seeds are clustered. Read when first asked for.</summary>
internal sealed class DatasetSeeds
{
    private readonly Lazy<Audiences> _audiences;
    private readonly Lazy<SeedOrder> _order;

    private DatasetSeeds(Func<Audiences> audiences, Func<SeedOrder> order) =>
        (_audiences, _order) = (new(audiences), new(order));

    public Audiences Audiences => _audiences.Value;

    public SeedOrder Order => _order.Value;

    /// <summary>Of people without ids: every response that is known counts.</summary>
    public static DatasetSeeds Of(int candidates, Func<IReadOnlyCollection<(int User, int Candidate)>> responses) =>
        new(() => new Audiences(candidates, responses()), () => SeedOrder.ByPlace);

    /// <summary>As <see cref="SeedWriter"/> wrote them.</summary>
    public static DatasetSeeds Open(string folder, DatasetMeta meta)
    {
        return new(
            () =>
                new Audiences(
                    meta.Candidates,
                    Read<int>(PreparedDataset.SeedCandidateFile),
                    Read<int>(PreparedDataset.SeedUserFile),
                    Read<long>(PreparedDataset.SeedSinceFile)
                ),
            () =>
            {
                var users = Ids(PreparedDataset.UserIdsFile);
                var hasCandidates = File.Exists(PathOf(PreparedDataset.CandidateIdsFile));
                return SeedOrder.Of(users, hasCandidates ? Ids(PreparedDataset.CandidateIdsFile) : users);
            }
        );

        string PathOf(string file) => Path.Combine(folder, file);

        string[] Ids(string file) => File.ReadAllLines(PathOf(file));

        T[] Read<T>(string file)
            where T : unmanaged => Column<T>.Open(PathOf(file), meta.Seeds).ToArray();
    }
}
