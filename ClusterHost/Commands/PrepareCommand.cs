using System.CommandLine;
using System.Text.Json;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Training;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>prepare</c>: tables to a prepared dataset, as a run over REST is started with.</summary>
public static class PrepareCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "dataset.json, or its folder", Required = true };
        var to = new Option<string>("--to") { Description = "folder of the prepared dataset", Required = true };
        var (badRows, tableReport) = (PreparationFlags.MaxBadRows(), PreparationFlags.TableReport());
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("prepare", "read and check tables, and encode them for runs")
        {
            data,
            to,
            badRows,
            tableReport,
            json,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var tables = new TablesOptions(
                    parsed.GetValue(data)!,
                    new PreparationOptions(parsed.GetValue(badRows), Report: parsed.GetValue(tableReport))
                );
                // Beside the command: one that has not come to its first await is not told of Ctrl-C.
                var prepared = await Task.Run(() =>
                    PreparedTables.Prepare(tables, parsed.GetValue(to)!, new ProgressView(), ct).Data
                );
                Console.WriteLine(parsed.GetValue(json) ? Json(prepared) : Text(prepared));
                return 0;
            }
        );
        return command;
    }

    private static string Text(PreparedDatasetInfo data) =>
        $"""
            {data.Meta.Name}: {data.Meta.Rows:N0} rows ({data.Report.BadRows:N0} left out), {data.Meta.Train:N0} to train, {data.Meta.Valid:N0} to stop, {data.Meta.Test:N0} to test
            dataset_path {data.Path}
            dataset_hash {data.Meta.Hash}
            {PreparationLines.Of(data)}
            """;

    private static string Json(PreparedDatasetInfo data) =>
        JsonSerializer.Serialize(
            new
            {
                dataset = data.Meta.Name,
                dataset_path = data.Path,
                dataset_hash = data.Meta.Hash,
                rows = data.Meta.Rows,
                bad_rows = data.Report.BadRows,
                train_rows = data.Meta.Train,
                valid_rows = data.Meta.Valid,
                test_rows = data.Meta.Test,
                warnings = data.Meta.Warnings,
                report = data.ReportPath,
                page = PreparedTables.PageOf(data.ReportPath),
            },
            JsonLine.Options
        );
}
