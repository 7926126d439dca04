using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>The node's settings for online learning, where a lineage is opened without its own.</summary>
public static class OnlineDefaults
{
    public static void Fill(IWireMessage message, RalmSettings settings)
    {
        var open = (OpenLineage)message;
        // The settings may be others when the command is repeated.
        open.Header.AsSent ??= CommandDigest.Of(open);
        open.Optimizer ??= new OptimizerConfig();
        if (open.Optimizer.LearningRate == 0)
        {
            open.Optimizer.LearningRate = (float)settings.Online.LearningRate;
        }

        if (open.BatchSize == 0)
        {
            open.BatchSize = settings.Online.BatchSize;
        }
    }
}
