using System.CommandLine;
using RalmActors.ClusterHost.Doctor;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>doctor</c>: what this machine has and what is missing.</summary>
public static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "what this machine has, what is missing, how to get it");
        command.SetAction((_, ct) => Examination.Run(Console.Out, ct));
        return command;
    }
}
