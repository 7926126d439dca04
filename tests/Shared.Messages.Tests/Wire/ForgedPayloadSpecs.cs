using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Akka.Serialization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Messages.Tests.Wire;

/// <summary>
/// Whoever reaches the remoting port may write any serializer id and any type name. Akka's own JSON serializer (id 1)
/// would instantiate that type; ours must not.
/// </summary>
public class ForgedPayloadSpecs
{
    private static readonly TimeSpan Patience = Waiting.Patience;

    [Fact]
    public async Task A_forged_json_payload_is_refused_and_its_type_never_instantiated()
    {
        var received = await Attack<GuardedVictim>(victim => victim.WithRalmSerialization());

        Assert.Equal("after", Assert.IsType<CommandReply>(Assert.Single(received)).CommandId);
        Assert.Equal(0, GuardedVictim.Instances);
    }

    [Fact]
    public async Task Without_our_guard_the_same_payload_does_instantiate_it()
    {
        var received = await Attack<NakedVictim>(victim =>
            victim.WithCustomSerializer("ralm", [typeof(IWireMessage)], s => new ProtobufSerializer(s))
        );

        Assert.Equal(2, received.Count);
        Assert.IsType<NakedVictim>(received[0]);
        Assert.NotEqual(0, NakedVictim.Instances);
    }

    /// <summary>Sends a payload that names <typeparamref name="T"/>, then a message every node accepts, in one stream.</summary>
    private static async Task<IReadOnlyList<object>> Attack<T>(Action<AkkaConfigurationBuilder> configureVictim)
    {
        await using var victim = await Start("victim", configureVictim);
        await using var attacker = await Start(
            "attacker",
            akka =>
                akka.WithCustomSerializer("ralm", [typeof(IWireMessage)], s => new ProtobufSerializer(s))
                    .WithCustomSerializer("forger", [typeof(Forgery)], s => new Forger(s))
        );
        var received = new TaskCompletionSource<IReadOnlyList<object>>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        var system = victim.System;
        system.ActorOf(Props.Create(() => new Target(received)), "target");
        var path = $"{((ExtendedActorSystem)system).Provider.DefaultAddress}/user/target";
        var target = await attacker.System.ActorSelection(path).ResolveOne(Patience);

        target.Tell(new Forgery(typeof(T)), ActorRefs.NoSender);
        target.Tell(new CommandReply { CommandId = "after" }, ActorRefs.NoSender);
        return await received.Task.WaitAsync(Patience);
    }

    private static Task<TestHost> Start(string name, Action<AkkaConfigurationBuilder> configure) =>
        TestHost.Start(
            name,
            akka => configure(akka.WithRemoting(new RemoteOptions { HostName = "127.0.0.1", Port = 0 }))
        );

    private sealed class Target(TaskCompletionSource<IReadOnlyList<object>> done) : ActorBase
    {
        private readonly List<object> _received = [];

        protected override bool Receive(object message)
        {
            _received.Add(message);
            if (message is CommandReply)
            {
                done.TrySetResult(_received);
            }

            return true;
        }
    }

    private sealed record Forgery(Type Type);

    private sealed class Forger(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public Forger(ExtendedActorSystem system, Config config)
            : this(system) => _ = config;

        public override int Identifier => 1;

        public override string Manifest(object o) => ((Forgery)o).Type.AssemblyQualifiedName!;

        public override byte[] ToBinary(object obj) =>
            Encoding.UTF8.GetBytes($$"""{"$type":"{{((Forgery)obj).Type.AssemblyQualifiedName}}"}""");

        public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();
    }
}

/// <summary>Counts its own instances.</summary>
public sealed class GuardedVictim
{
    private static int _instances;

    public static int Instances => Volatile.Read(ref _instances);

    public GuardedVictim() => Interlocked.Increment(ref _instances);
}

/// <summary>Counts its own instances.</summary>
public sealed class NakedVictim
{
    private static int _instances;

    public static int Instances => Volatile.Read(ref _instances);

    public NakedVictim() => Interlocked.Increment(ref _instances);
}
