using System.CommandLine;
using RalmActors.ClusterHost.Commands;
using RalmActors.ClusterHost.Persistence;

// ralm-host VERB: ./ralm builds it and passes the verb on.
var stop = StopSignals.OfProcess;
OwnerOnly.SetUmask();
var root = new RootCommand("RalmActors: the learning back end of location-based social matching")
{
    UpCommand.Create(),
    DemoCommand.Create(),
    DescribeCommand.Create(),
    PrepareCommand.Create(),
    TrainCommand.Create(),
    StudyCommand.Create(),
    ImportCommand.Create(),
    StreamCommand.Create(),
    AnomaliesCommand.Create(),
    RulesCommand.Create(),
    ReplayCommand.Create(),
    WhyCommand.Create(),
    SimulateCommand.Create(),
    DoctorCommand.Create(),
    HealthCommand.Create(),
};
var parsed = root.Parse(args);
var json = args.Contains("--json");
var own = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
var code =
    parsed.Errors.Count > 0
        ? StartErrors.Refuse(parsed, json)
        : await StartErrors.InOneLine(() => parsed.InvokeAsync(own, stop.Token), json);

// Threads of a node that was given up on do not keep the process.
Environment.Exit(code);
