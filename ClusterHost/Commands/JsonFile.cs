using Google.Protobuf;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Commands;

/// <summary>A message written by a person as JSON.</summary>
internal static class JsonFile
{
    /// <exception cref="CommandLineException">Names the file and what is wrong in it.</exception>
    public static T Read<T>(string path)
        where T : IMessage<T>, new()
    {
        try
        {
            return JsonParser.Default.Parse<T>(File.ReadAllText(path));
        }
        catch (Exception e)
            when (e
                    is InvalidProtocolBufferException
                        or InvalidJsonException
                        or FormatException
                        or OverflowException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new CommandLineException($"{path}: must be a {new T().Descriptor.Name}: {e.Message}", e);
        }
    }
}
