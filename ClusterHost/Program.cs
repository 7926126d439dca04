using System.CommandLine;
using RalmActors.ClusterHost.Commands;

// ralm-host VERB: ./ralm builds it and passes the verb on.
var root = new RootCommand("RalmActors: the learning back end of location-based social matching")
{
    UpCommand.Create(),
    DemoCommand.Create(),
    PrepareCommand.Create(),
    TrainCommand.Create(),
    StudyCommand.Create(),
    ImportCommand.Create(),
    ReplayCommand.Create(),
    DoctorCommand.Create(),
    HealthCommand.Create(),
};
return await StartErrors.InOneLine(() =>
    root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
);
