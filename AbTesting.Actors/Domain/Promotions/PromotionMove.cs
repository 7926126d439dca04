using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>What a promotion does next outside of its test.</summary>
internal abstract record PromotionMove
{
    private PromotionMove() { }

    /// <summary>Somebody is asked, or told; what comes of it decides the next move.</summary>
    /// <param name="Region">Key of the region it is for.</param>
    public sealed record Send(Type Region, IWireMessage Message) : PromotionMove;

    /// <summary>The attempt has come as far as it can: the test itself is told.</summary>
    public sealed record Conclude(ICommand Command) : PromotionMove;
}
