using System.CommandLine;
using Ralm.Datasets.Import;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>import</c>: public data sets to tables and a description that <c>train</c> reads.</summary>
public static class ImportCommand
{
    public static Command Create()
    {
        var command = new Command("import", "turn a public data set into tables to train on");
        command.Subcommands.Add(SpeedDating());
        command.Subcommands.Add(Foursquare());
        return command;
    }

    private static Command SpeedDating()
    {
        var (file, folder) = (From("the data set's file, .csv or .csv.gz"), To());
        var command = new Command("speed-dating", "Fisman et al. 2006, Columbia speed dating") { file, folder };
        command.SetAction(
            (parsed, ct) =>
                Report(
                    parsed.GetValue(folder)!,
                    "speed-dating",
                    SpeedDatingImport.Run(parsed.GetValue(file)!, parsed.GetValue(folder)!, ct)
                )
        );
        return command;
    }

    private static Command Foursquare()
    {
        var (from, folder) = (From("folder of CITY_checkins, CITY_friendship_old, CITY_eval_pairs"), To());
        var city = new Option<string>("--city") { Description = "the files' prefix, such as NYC", Required = true };
        var negatives = new Option<string>("--negatives")
        {
            Description = "pairs without a tie: random or friend_of_friend",
            DefaultValueFactory = _ => FoursquareImport.Random,
        };
        negatives.AcceptOnlyFromAmong(FoursquareImport.Random, FoursquareImport.FriendsOfFriends);
        var features = new Option<string>("--features")
        {
            Description = "all, or mobility: nothing of friendships",
            DefaultValueFactory = _ => "all",
        };
        features.AcceptOnlyFromAmong("all", "mobility");
        var command = new Command("foursquare", "check-ins and friendships of a city, LBSN2Vec 2019")
        {
            from,
            city,
            negatives,
            features,
            folder,
        };
        command.SetAction(
            (parsed, ct) =>
                Report(
                    parsed.GetValue(folder)!,
                    parsed.GetValue(features) == "all" ? "foursquare-friends" : "foursquare-mobility",
                    FoursquareImport.Run(
                        parsed.GetValue(from)!,
                        parsed.GetValue(city)!,
                        parsed.GetValue(negatives)!,
                        parsed.GetValue(folder)!,
                        ct
                    )
                )
        );
        return command;
    }

    private static Task<int> Report(string folder, string description, int interactions)
    {
        var path = ShippedDescriptions.Write(description, folder);
        Console.WriteLine($"{interactions:N0} interactions; now: ./ralm train --data {path}");
        return Task.FromResult(0);
    }

    private static Option<string> From(string what) => new("--from") { Description = what, Required = true };

    private static Option<string> To() => new("--to") { Description = "folder of the tables", Required = true };
}
