using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RalmActors.TestSupport;

/// <summary>
/// An actor system in a host of the test's own process, that keeps to itself: no log, no configuration of the machine's. The
/// one way to start a node, or a part of one, in a spec.
/// </summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>Only what is broken is said, and not on the console.</summary>
    private const string Quiet = "akka { loglevel = ERROR, stdout-loglevel = OFF }";

    private readonly IHost _host;
    private bool _hasEnded;

    private TestHost(IHost host) => _host = host;

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public ActorRegistry Registry => _host.Services.GetRequiredService<ActorRegistry>();

    /// <param name="name">Of the actor system.</param>
    /// <param name="configure">What it has; its settings go before those of here.</param>
    /// <param name="ct">Gives up starting.</param>
    public static async Task<TestHost> Start(
        string name,
        Action<AkkaConfigurationBuilder> configure,
        CancellationToken ct = default
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAkka(
            name,
            akka =>
            {
                akka.ConfigureLoggers(log => log.ClearLoggers());
                configure(akka);
                akka.AddHocon(Quiet, HoconAddMode.Append);
            }
        );
        var host = builder.Build();
        await host.StartAsync(ct);
        return new TestHost(host);
    }

    /// <summary>As on SIGTERM: what is under way is finished, and a cluster is left in good order.</summary>
    public Task Stop() => _host.StopAsync();

    /// <summary>All at once: nothing that was under way is finished.</summary>
    public async Task Kill()
    {
        _hasEnded = true;
        await System.Terminate();
        _host.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasEnded)
        {
            _hasEnded = true;
            await Stop();
            _host.Dispose();
        }
    }
}
