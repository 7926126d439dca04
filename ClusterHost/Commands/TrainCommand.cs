using System.CommandLine;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>train</c>: an offline run on tables of the owner's.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "train on tables of your own");
        command.SetAction(_ =>
        {
            Console.Error.WriteLine("ralm: training is not wired yet");
            return StartErrors.Failed;
        });
        return command;
    }
}
