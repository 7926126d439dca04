using Akka.Hosting;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

public static class NodeFeatures
{
    /// <summary>Each area brings its regions and local actors; a node without the role gets the way to those that have it.</summary>
    public static AkkaConfigurationBuilder AddFeatures(this AkkaConfigurationBuilder akka, RalmSettings settings)
    {
        _ = settings;
        return akka;
    }
}
