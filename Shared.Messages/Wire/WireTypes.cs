using System.Collections.Frozen;
using System.Runtime.Serialization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Wire;

/// <summary>
/// Every message that may cross a node or enter the journal, by manifest. A manifest is the protobuf full name, whose
/// package ends in a version (<c>ralm.learning.v1.InteractionRecorded</c>); it never names a CLR type.
/// </summary>
public static class WireTypes
{
    private static readonly FrozenDictionary<string, MessageDescriptor> ByManifest = Discover()
        .ToFrozenDictionary(d => d.FullName, StringComparer.Ordinal);

    public static IReadOnlyCollection<MessageDescriptor> All => ByManifest.Values;

    public static bool Knows(string manifest) => ByManifest.ContainsKey(manifest);

    /// <exception cref="SerializationException">The manifest is of no message of this release.</exception>
    public static IWireMessage Parse(string manifest, ReadOnlySpan<byte> bytes) =>
        ByManifest.TryGetValue(manifest, out var descriptor)
            ? (IWireMessage)descriptor.Parser.ParseFrom(bytes)
            : throw new SerializationException($"manifest \"{manifest}\" is of no message this release knows");

    private static IEnumerable<MessageDescriptor> Discover() =>
        typeof(WireTypes)
            .Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IWireMessage)))
            .Select(t => ((IMessage)Activator.CreateInstance(t)!).Descriptor);
}
