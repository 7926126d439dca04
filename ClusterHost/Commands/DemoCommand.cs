using System.CommandLine;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>demo</c>: the whole loop once, on a simulated city.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "the whole loop once, on a simulated city");
        command.SetAction(_ =>
        {
            Console.Error.WriteLine("ralm: the demo is not wired yet");
            return StartErrors.Failed;
        });
        return command;
    }
}
