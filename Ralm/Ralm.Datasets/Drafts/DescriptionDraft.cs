using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;

namespace Ralm.Datasets.Drafts;

/// <summary>
/// A description of the tables in a folder for a person to read and mend. Nothing is trained by it: whatever is guessed is said.
/// </summary>
/// <param name="Json">A whole description.</param>
/// <param name="Guesses">Each by the key that it is about.</param>
public sealed record DescriptionDraft(string Json, ImmutableArray<string> Guesses)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] Labels =
    [
        "label",
        "liked",
        "like",
        "match",
        "matched",
        "clicked",
        "click",
        "y",
        "target",
        "outcome",
        "response",
        "accepted",
    ];

    /// <exception cref="BadTableException">No tables, or none that could be of people and of what happened between them.</exception>
    public static DescriptionDraft Of(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadTableException($"{folder}: no such folder");
        }

        TableDraft[] tables =
        [
            .. Directory
                .EnumerateFiles(folder)
                .Where(TableReader.IsTable)
                .Order(StringComparer.Ordinal)
                .Select(path => TableDraft.Of(path, ct)),
        ];
        return tables.Length == 0
            ? throw new BadTableException(
                $"{folder}: holds no table; .csv, .tsv, .jsonl (each may be packed: .gz) and .parquet are read"
            )
            : new Roles(folder, tables).Draft();
    }

    /// <summary>Which table is of whom.</summary>
    private sealed class Roles
    {
        private readonly string _folder;
        private readonly List<string> _guesses = [];
        private readonly TableDraft _users;
        private readonly TableDraft _candidates;
        private readonly TableDraft _interactions;
        private readonly ColumnDraft _userKey;
        private readonly ColumnDraft _candidateKey;
        private readonly ColumnDraft _user;
        private readonly ColumnDraft _candidate;

        public Roles(string folder, TableDraft[] tables)
        {
            _folder = folder;
            var links = (
                from table in tables
                from people in tables
                where table != people
                from key in people.Columns.Where(c => c.IsKey)
                from column in table.Columns
                let share = Share(column.Values, key.Values)
                where share > 0.9 && !column.IsKey
                orderby share descending, people.Columns.IndexOf(key)
                select (Table: table, People: people, Key: key, Column: column)
            ).ToArray();
            var best = links
                .GroupBy(l => l.Table)
                .Where(g => g.Select(l => l.Column).Distinct().Count() > 1)
                .MaxBy(g => g.Key.Rows);
            if (best is null)
            {
                throw new BadTableException(
                    $"{AlmostKeys(tables)}{folder}: no table has two columns whose values are keys of others; tables of people and of what happened between them are needed (docs/datasets.md): {string.Join(", ", tables.Select(t => t.File))}"
                );
            }

            _interactions = best.Key;
            (_users, _userKey, _user) = Link(best.First(l => l.Column == best.Select(b => b.Column).MinBy(Place)));
            (_candidates, _candidateKey, _candidate) = Link(
                best.Where(l => l.Column != _user).MinBy(l => (l.People == _users ? 1 : 0, Place(l.Column)))
            );
            Guess(
                "interactions.file",
                _interactions.File,
                $"its {_user.Name} and {_candidate.Name} are keys of other tables"
            );
            Guess(
                "interactions.user",
                _user.Name,
                $"of {_user.Name} and {_candidate.Name} it comes first: who was asked?"
            );
            foreach (var table in tables.Except([_interactions, _users, _candidates]))
            {
                Guess("", table.File, "is not used");
            }

            int Place(ColumnDraft column) => _interactions.Columns.IndexOf(column);
        }

        /// <summary>What would be keys but for a row or two.</summary>
        private static string AlmostKeys(TableDraft[] tables)
        {
            var almost =
                from people in tables
                from key in people.Columns.Where(c => c.AlmostKey.Length > 0)
                where tables.Any(t => t != people && t.Columns.Any(c => Share(c.Values, key.Values) > 0.9))
                select $"{people.File} column {key.Name} is almost a key: {key.AlmostKey}; ";
            return string.Concat(almost);
        }

        public DescriptionDraft Draft()
        {
            var label = Label();
            var missing = ((TableDraft[])[_users, _candidates, _interactions])
                .SelectMany(t => t.Columns.SelectMany(c => c.Missing))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .ToArray();
            var json = new JsonObject { ["name"] = NameOf(_folder) };
            json["users"] = People("users", _users, _userKey);
            if (_candidates != _users)
            {
                json["candidates"] = People("candidates", _candidates, _candidateKey);
            }

            var interactions = Table("interactions", _interactions);
            interactions["user"] = _user.Name;
            interactions["candidate"] = _candidate.Name;
            interactions["label"] = label;
            var given = _interactions.Columns.FirstOrDefault(IsGiven);
            var time = given is null ? _interactions.Columns.FirstOrDefault(c => c.Type == FeatureKind.Time) : null;
            interactions["columns"] = Columns(
                "interactions",
                _interactions,
                c => c == _user || c == _candidate || c.Name == label || c == time || c == given
            );
            json["interactions"] = interactions;
            json["split"] = Split(given, time);
            if (missing.Length > 0)
            {
                json["missing"] = new JsonArray([.. missing.Select(m => (JsonNode)m)]);
                Guess("missing", string.Join(", ", missing), "seem to mean that nothing is known");
            }

            var text = json.ToJsonString(Indented);
            // A draft is one that can be read.
            _ = DatasetDescription.Parse(text);
            return new DescriptionDraft(text, [.. _guesses]);
        }

        private JsonObject People(string where, TableDraft table, ColumnDraft key)
        {
            Guess($"{where}.key", key.Name, "its values are the ones that interactions name, and none comes twice");
            var json = Table(where, table);
            json["key"] = key.Name;
            json["columns"] = Columns(where, table, c => c == key);
            return json;
        }

        private JsonObject Table(string where, TableDraft table)
        {
            var json = new JsonObject { ["file"] = table.File };
            var format = new JsonObject();
            Add("delimiter", table.Format.Delimiter);
            Add("encoding", table.Format.Encoding);
            Add("decimal", table.Format.Decimal == "." ? null : table.Format.Decimal);
            foreach (var guess in table.Guesses)
            {
                Guess($"{where}.format", "", guess);
            }

            if (format.Count > 0)
            {
                json["format"] = format;
            }

            return json;

            void Add(string key, string? value)
            {
                if (value is not null)
                {
                    format[key] = value;
                }
            }
        }

        private JsonObject Columns(string where, TableDraft table, Predicate<ColumnDraft> isUsed)
        {
            var json = new JsonObject();
            var place = (
                table.Columns.FirstOrDefault(c => IsDegrees(c, "lat", 90, table.Format)),
                table.Columns.FirstOrDefault(c =>
                    IsDegrees(c, "lon", 180, table.Format) || IsDegrees(c, "lng", 180, table.Format)
                )
            );
            var isPlace = place is ({ }, { });
            if (isPlace)
            {
                json["position"] = new JsonObject
                {
                    ["type"] = "position",
                    ["latitude"] = place.Item1!.Name,
                    ["longitude"] = place.Item2!.Name,
                };
                Guess(
                    $"{where}.columns.position",
                    $"{place.Item1!.Name}, {place.Item2!.Name}",
                    "by their names and ranges"
                );
            }

            foreach (
                var column in table.Columns.Where(c =>
                    !isUsed(c) && !(isPlace && (c == place.Item1 || c == place.Item2))
                )
            )
            {
                var name = $"{where}.columns.{column.Name}";
                if (column.Type is not { } type)
                {
                    Guess(name, "left out", column.Why);
                    continue;
                }

                Guess(name, $"{type}".ToLowerInvariant(), column.Why);
                var rule = new JsonObject { ["type"] = $"{type}".ToLowerInvariant() };
                if (column.Format is not null)
                {
                    rule["format"] = column.Format;
                }

                if (column.Separator is not null)
                {
                    rule["separator"] = column.Separator;
                }

                json[column.Name] = rule;
            }

            return json;
        }

        private string Label()
        {
            ColumnDraft[] able =
            [
                .. _interactions.Columns.Where(c =>
                    c != _user
                    && c != _candidate
                    && c.Values.Count > 1
                    && c.Values.All(v => _interactions.Format.TryParse(v, out var x) && x is >= 0 and <= 1)
                ),
            ];
            if (able.Length == 0)
            {
                throw new BadTableException(
                    $"{_folder}: no column of {_interactions.File} holds numbers from 0 to 1, or true and false, of both kinds: what came of it is needed as one (docs/datasets.md); it has {string.Join(", ", _interactions.Columns.Select(c => c.Name))}"
                );
            }

            var label = able.FirstOrDefault(c => Labels.Contains(c.Name, StringComparer.OrdinalIgnoreCase)) ?? able[^1];
            Guess(
                "interactions.label",
                label.Name,
                able.Length == 1
                    ? "the only column of numbers from 0 to 1"
                    : $"of {string.Join(", ", able.Select(c => c.Name))}, all from 0 to 1"
            );
            return label.Name;
        }

        /// <summary>Somebody has split it already.</summary>
        private static bool IsGiven(ColumnDraft column) =>
            column.Values.Contains("train")
            && column.Values.Count > 1
            && column.Values.All(v => v is "train" or "valid" or "test");

        private JsonObject Split(ColumnDraft? given, ColumnDraft? time)
        {
            if (given is not null)
            {
                Guess("split.rule", "given", $"{given.Name} says train, valid or test");
                return new JsonObject { ["rule"] = "given", ["column"] = given.Name };
            }

            if (time is null)
            {
                Guess(
                    "split.rule",
                    "random",
                    "no column of times to split by: is there a group whose rows belong together?"
                );
                return new JsonObject { ["rule"] = "random" };
            }

            Guess(
                "split.rule",
                "time",
                $"{time.Name} holds {time.Why}: what is judged then comes after what was learned"
            );
            var split = new JsonObject { ["rule"] = "time", ["column"] = time.Name };
            if (time.Format is not null)
            {
                split["format"] = time.Format;
            }

            return split;
        }

        private void Guess(string key, string value, string why) =>
            _guesses.Add(
                string.Join(' ', ((string[])[key, value, value.Length > 0 ? $"({why})" : why]).Where(s => s.Length > 0))
            );

        private static (TableDraft, ColumnDraft, ColumnDraft) Link(
            (TableDraft Table, TableDraft People, ColumnDraft Key, ColumnDraft Column) l
        ) => (l.People, l.Key, l.Column);

        private static double Share(ImmutableHashSet<string> values, ImmutableHashSet<string> keys) =>
            values.Count < 2 ? 0 : values.Count(keys.Contains) / (double)values.Count;

        private static bool IsDegrees(ColumnDraft column, string name, double limit, TableFormat format) =>
            column.Name.Contains(name, StringComparison.OrdinalIgnoreCase)
            && column.Type == FeatureKind.Number
            && column.Values.All(v => format.TryParse(v, out var x) && Math.Abs(x) <= limit);

        private static string NameOf(string folder)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
            var id = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
            return Ids.Check("name", id) is null ? id : "tables";
        }
    }
}
