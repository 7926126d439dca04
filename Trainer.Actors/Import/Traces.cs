using RalmActors.Trainer.Data;

namespace RalmActors.Trainer.Import;

/// <summary>What check-ins and old friendships say of people, alone and in pairs. Counts enter as log(1 + n).</summary>
internal sealed class Traces
{
    public static readonly string[] ProfileColumns =
    [
        "check_ins",
        "venues",
        "categories",
        "friends",
        "night",
        "morning",
        "afternoon",
        "evening",
        "weekend",
    ];

    private const int HoursPerWeek = 168;

    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _visitors = new(StringComparer.Ordinal);

    private sealed class Person
    {
        public Dictionary<string, int> Venues { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Categories { get; } = new(StringComparer.Ordinal);

        public double[] Hours { get; } = new double[HoursPerWeek];

        public HashSet<string> Friends { get; } = new(StringComparer.Ordinal);
    }

    public IEnumerable<string> Ids => _people.Keys;

    public bool Knows(string id) => _people.ContainsKey(id);

    public static Traces Read(string checkIns, string friendships, CancellationToken ct)
    {
        var traces = new Traces();
        foreach (var row in TableReader.Read(checkIns, ["user", "hour_of_week", "venue_index", "category"]))
        {
            ct.ThrowIfCancellationRequested();
            traces.CheckIn(checkIns, row);
        }

        foreach (var row in TableReader.Read(friendships, ["user_a", "user_b"]))
        {
            traces.Of(row[0]).Friends.Add(row[1]);
            traces.Of(row[1]).Friends.Add(row[0]);
        }

        foreach (var venue in traces._people.Values.SelectMany(p => p.Venues.Keys))
        {
            traces._visitors[venue] = traces._visitors.GetValueOrDefault(venue) + 1;
        }

        return traces;
    }

    public double[] Profile(string id)
    {
        var p = _people[id];
        var total = Math.Max(1, p.Hours.Sum());
        return
        [
            Log(p.Hours.Sum()),
            Log(p.Venues.Count),
            Log(p.Categories.Count),
            Log(p.Friends.Count),
            Share(0),
            Share(6),
            Share(12),
            Share(18),
            p.Hours.Where((_, hour) => hour >= 5 * 24).Sum() / total,
        ];

        double Share(int from) => p.Hours.Where((_, hour) => hour % 24 / 6 == from / 6).Sum() / total;
    }

    /// <summary>
    /// Common friends, Adamic-Adar (2003) over them, product of friend counts; common venues, their Jaccard index, and
    /// their sum weighted by rarity; cosines of categories and of hours of the week.
    /// </summary>
    public double[] Pair(string a, string b)
    {
        var (p, q) = (_people[a], _people[b]);
        var friends = p.Friends.Where(q.Friends.Contains).ToArray();
        var venues = p.Venues.Keys.Where(q.Venues.ContainsKey).ToArray();
        var union = p.Venues.Count + q.Venues.Count - venues.Length;
        return
        [
            Log(friends.Length),
            friends.Sum(f => 1 / Math.Log(1 + Math.Max(2, _people[f].Friends.Count))),
            Log(p.Friends.Count) + Log(q.Friends.Count),
            Log(venues.Length),
            union == 0 ? 0 : (double)venues.Length / union,
            venues.Sum(v => 1 / Math.Log(1 + Math.Max(2, _visitors[v]))),
            Cosine(p.Categories, q.Categories),
            Cosine(p.Hours, q.Hours),
        ];
    }

    private void CheckIn(string file, ITableRow row)
    {
        if (!int.TryParse(row[1], out var hour) || hour is < 1 or > HoursPerWeek)
        {
            throw new BadTableException(new BadCell(file, row.Line, "hour_of_week", row[1], "must be 1 to 168"));
        }

        var person = Of(row[0]);
        person.Hours[hour - 1]++;
        person.Venues[row[2]] = person.Venues.GetValueOrDefault(row[2]) + 1;
        person.Categories[row[3]] = person.Categories.GetValueOrDefault(row[3]) + 1;
    }

    private Person Of(string id)
    {
        if (!_people.TryGetValue(id, out var person))
        {
            _people.Add(id, person = new Person());
        }

        return person;
    }

    private static double Log(double n) => Math.Log(1 + n);

    private static double Cosine(Dictionary<string, int> p, Dictionary<string, int> q)
    {
        var dot = p.Sum(c => (double)c.Value * q.GetValueOrDefault(c.Key));
        var norms = Math.Sqrt(p.Values.Sum(v => (double)v * v)) * Math.Sqrt(q.Values.Sum(v => (double)v * v));
        return norms == 0 ? 0 : dot / norms;
    }

    private static double Cosine(double[] p, double[] q)
    {
        var dot = p.Zip(q, (x, y) => x * y).Sum();
        var norms = Math.Sqrt(p.Sum(x => x * x)) * Math.Sqrt(q.Sum(y => y * y));
        return norms == 0 ? 0 : dot / norms;
    }
}
