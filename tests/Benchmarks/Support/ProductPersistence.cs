using Akka.Hosting;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.Benchmarks.Support;

public static class ProductPersistence
{
    /// <summary>The journal as a node of the product has it, with every setting of its files.</summary>
    public static void AddProductPersistence(this AkkaConfigurationBuilder akka, PersistenceSettings settings) =>
        akka.AddHoconFiles([], settings).AddSqlPersistence(SqlDatabase.Of(settings));
}
