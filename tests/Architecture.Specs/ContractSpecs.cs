using Google.Protobuf.Reflection;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Architecture.Specs;

public class ContractSpecs
{
    public static TheoryData<string> Commands => Named(typeof(ICommand));

    public static TheoryData<string> Events => Named(typeof(IEvent));

    public static TheoryData<string> Enums => [.. AllEnums().Select(e => e.FullName)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_opens_with_its_header(string manifest) => OpensWith(manifest, CommandHeader.Descriptor);

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_opens_with_its_header(string manifest) => OpensWith(manifest, EventHeader.Descriptor);

    [Theory]
    [MemberData(nameof(Enums))]
    public void Zero_means_unspecified_in_every_enum(string name) =>
        Assert.EndsWith(
            "_UNSPECIFIED",
            AllEnums().Single(e => e.FullName == name).FindValueByNumber(0).Name,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_message_with_a_header_is_a_command_or_an_event_and_nothing_else_has_one()
    {
        var unmarked = WireTypes
            .All.Where(d => d.FindFieldByName("header") is not null)
            .Where(d => !d.ClrType.IsAssignableTo(typeof(ICommand)) && !d.ClrType.IsAssignableTo(typeof(IEvent)));

        Assert.Empty(unmarked.Select(d => d.FullName));
    }

    [Fact]
    public void Every_message_with_a_header_is_marked_for_the_wire()
    {
        var known = WireTypes.All.Select(d => d.FullName).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(
            Files()
                .SelectMany(f => f.MessageTypes)
                .Where(d => d.FindFieldByName("header") is not null && !known.Contains(d.FullName))
                .Select(d => d.FullName)
        );
    }

    private static void OpensWith(string manifest, MessageDescriptor header)
    {
        var field = WireTypes.All.Single(d => d.FullName == manifest).FindFieldByNumber(1);

        Assert.Equal("header", field.Name);
        Assert.Equal(header, field.MessageType);
    }

    private static TheoryData<string> Named(Type marker) =>
        [
            .. WireTypes
                .All.Where(d => d.ClrType.IsAssignableTo(marker))
                .Select(d => d.FullName)
                .Order(StringComparer.Ordinal),
        ];

    private static IEnumerable<FileDescriptor> Files() => WireTypes.All.Select(d => d.File).Distinct();

    private static IEnumerable<EnumDescriptor> AllEnums() =>
        Files().SelectMany(f => f.EnumTypes.Concat(f.MessageTypes.SelectMany(m => m.EnumTypes)));
}
