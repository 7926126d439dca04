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
    ReplayCommand.Create(),
    SimulateCommand.Create(),
    DoctorCommand.Create(),
    HealthCommand.Create(),
};
var parsed = root.Parse(args);
var json = args.Contains("--json");
var own = new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = null,
    // Who reads JSON reads no help.
    Output = json && parsed.Errors.Count > 0 ? Console.Error : Console.Out,
};
var code = await StartErrors.InOneLine(() => parsed.InvokeAsync(own, stop.Token), json);
if (parsed.Errors.Count > 0)
{
    code = StartErrors.BadCommandLine;
    StartErrors.Tell(parsed.Errors[0].Message, json);
}

// Threads of a node that was given up on do not keep the process.
Environment.Exit(code);
