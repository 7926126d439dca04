using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;

namespace Ralm.Datasets.Import;

/// <summary>What check-ins and old friendships say of people. Counts enter as log(1 + n).</summary>
internal sealed class Traces
{
    public static readonly string[] ProfileColumns =
    [
        "check_ins",
        "venues",
        "categories",
        "friends_n",
        "night",
        "morning",
        "afternoon",
        "evening",
        "weekend",
    ];

    public static readonly string[] BagColumns = ["places", "kinds", "hours", "friends"];

    private const int HoursPerWeek = 168;

    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);

    private sealed class Person
    {
        public Dictionary<string, int> Venues { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Categories { get; } = new(StringComparer.Ordinal);

        public double[] Hours { get; } = new double[HoursPerWeek];

        public HashSet<string> Friends { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Friendships of the first time.</summary>
    public List<string[]> Ties { get; } = [];

    public IEnumerable<string> Ids => _people.Keys;

    public bool Knows(string id) => _people.ContainsKey(id);

    public static Traces Read(string checkIns, string friendships, CancellationToken ct)
    {
        var traces = new Traces();
        foreach (
            var row in TableReader.Read(
                checkIns,
                TableFormat.Default,
                ["user", "hour_of_week", "venue_index", "category"],
                ct
            )
        )
        {
            ct.ThrowIfCancellationRequested();
            traces.CheckIn(checkIns, row);
        }

        foreach (var row in TableReader.Read(friendships, TableFormat.Default, ["user_a", "user_b"], ct))
        {
            traces.Of(row[0]).Friends.Add(row[1]);
            traces.Of(row[1]).Friends.Add(row[0]);
            traces.Ties.Add([row[0], row[1]]);
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

    /// <summary>Places, kinds of places and hours of the week, each as often as it was visited, and friends.</summary>
    public string[] Bags(string id)
    {
        var p = _people[id];
        return
        [
            Repeat(p.Venues),
            Repeat(p.Categories),
            Repeat(p.Hours.Select((n, hour) => KeyValuePair.Create($"h{hour}", (int)n))),
            string.Join('|', p.Friends),
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

    private static string Repeat(IEnumerable<KeyValuePair<string, int>> counts) =>
        string.Join('|', counts.SelectMany(c => Enumerable.Repeat(c.Key, c.Value)));
}
