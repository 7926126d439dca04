using System.Reflection;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>No command, query or event of the contract is without an owner.</summary>
public class StateCoverageSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<string> Events => Named(typeof(IEvent));

    public static TheoryData<string> Commands => Named(typeof(ICommand));

    public static TheoryData<string> Queries => Named(typeof(IQuery));

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_applied_by_some_state(string manifest) =>
        Assert.Contains(States(), s => Takes(s, "Apply", [typeof(IEvent)], New(manifest)));

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_decided_by_some_state(string manifest) =>
        Assert.Contains(
            States(),
            s => Takes(s, "Decide", [typeof(ICommand), typeof(DateTimeOffset)], New(manifest), Now)
        );

    [Theory]
    [MemberData(nameof(Queries))]
    public void A_query_is_answered_by_some_state(string manifest) =>
        Assert.Contains(States(), s => Takes(s, "Answer", [typeof(IQuery)], New(manifest)));

    /// <summary>A state says <see cref="NotSupportedException"/> to what is not its own, and only then.</summary>
    private static bool Takes(Type state, string method, Type[] parameters, params object[] arguments)
    {
        var empty = state.GetMethod("Empty", BindingFlags.Public | BindingFlags.Static, [typeof(string)])!;
        try
        {
            state.GetMethod(method, parameters)!.Invoke(empty.Invoke(null, ["x"]), arguments);
            return true;
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException is not NotSupportedException;
        }
    }

    private static IWireMessage New(string manifest)
    {
        var message = WireTypes.Parse(manifest, []);
        var header = message.Descriptor.FindFieldByName("header");
        header?.Accessor.SetValue(message, header.MessageType.Parser.ParseFrom([]));
        return message;
    }

    private static IEnumerable<Type> States() =>
        Compiled
            .ActorProjects.Select(Assembly.Load)
            .SelectMany(a => a.GetTypes())
            .Where(t =>
                t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEntityState<>))
            );

    private static TheoryData<string> Named(Type marker) =>
        [
            .. WireTypes
                .All.Where(d => d.ClrType.IsAssignableTo(marker))
                .Select(d => d.FullName)
                .Order(StringComparer.Ordinal),
        ];
}
