using Google.Protobuf;

namespace RalmActors.Messages.Entities;

/// <summary>Every reply that can say no says it in a field of this name.</summary>
public static class Rejections
{
    private const string Field = "rejection";

    /// <summary>The refusal a reply carries, or <c>null</c>.</summary>
    public static Rejection? Of(IMessage reply) =>
        reply.Descriptor.FindFieldByName(Field)?.Accessor.GetValue(reply) as Rejection;
}
