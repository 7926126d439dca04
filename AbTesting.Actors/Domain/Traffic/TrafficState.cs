using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Traffic;

/// <summary>
/// The units of one family, shared out among its tests: who has which buckets of which layer, and which units no test of
/// the family touches. A test asks here before it is scheduled or started, so two that begin at the same moment cannot both
/// have what only one may.
/// </summary>
/// <param name="Holdout">In basis points; 0: none yet.</param>
/// <param name="Origin">Who set it.</param>
/// <param name="Claims">By test.</param>
public sealed record TrafficState(
    string Family,
    int Holdout,
    HoldoutOrigin Origin,
    ImmutableSortedDictionary<string, TrafficClaim> Claims
) : IEntityState<TrafficState>
{
    public static TrafficState Empty(string entityId) =>
        new(
            entityId,
            0,
            HoldoutOrigin.None,
            ImmutableSortedDictionary.Create<string, TrafficClaim>(StringComparer.Ordinal)
        );

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            ClaimTraffic c => Claim(c),
            ReleaseTraffic c => Release(c),
            SetHoldout c => Set(c),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public TrafficState Apply(IEvent e) =>
        e switch
        {
            TrafficClaimed claimed => this with
            {
                Claims = Claims.SetItem(claimed.Claim.ExperimentId, claimed.Claim),
                Holdout = claimed.Holdout,
                Origin =
                    claimed.Holdout == Holdout
                        ? Origin
                        : new HoldoutOrigin(claimed.Claim.ExperimentId, "", claimed.Header?.At, ""),
            },
            TrafficReleased released => this with { Claims = Claims.Remove(released.ExperimentId) },
            HoldoutSet set => this with
            {
                Holdout = set.Holdout,
                Origin = new HoldoutOrigin("", set.Header?.Author ?? "", set.Header?.At, set.Reason),
            },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query switch
        {
            GetHoldout => new HoldoutReply
            {
                Family = Family,
                Holdout = Holdout,
                ExperimentId = Origin.ExperimentId,
                Author = Origin.Author,
                SetAt = Origin.At,
                Reason = Origin.Reason,
                Claims = { Claims.Values },
            },
            GetLayer asked => LayerView.Of(Family, asked.Layer, Claims.Values),
            _ => throw new NotSupportedException(query.GetType().Name),
        };

    public IWireMessage ToSnapshot() =>
        new TrafficSnapshot
        {
            Holdout = Holdout,
            HoldoutExperimentId = Origin.ExperimentId,
            HoldoutAuthor = Origin.Author,
            HoldoutAt = Origin.At,
            HoldoutReason = Origin.Reason,
            Claims = { Claims.Values },
        };

    public static TrafficState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (TrafficSnapshot)snapshot;
        return new TrafficState(
            entityId,
            s.Holdout,
            new HoldoutOrigin(s.HoldoutExperimentId, s.HoldoutAuthor, s.HoldoutAt, s.HoldoutReason),
            s.Claims.ToImmutableSortedDictionary(c => c.ExperimentId, c => c, StringComparer.Ordinal)
        );
    }

    /// <summary>The same claim again changes nothing; another attempt of the same test takes the place of the one before.</summary>
    private Decision Claim(ClaimTraffic c)
    {
        if (c.Claim is null || Ids.Check("claim.experiment_id", c.Claim.ExperimentId) is not null)
        {
            return Decision.Invalid("claim.experiment_id", c.Claim?.ExperimentId, Ids.Rule);
        }

        if (!c.Noted && ClaimRules.Check(this, c.Claim) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        var claim = c.Claim.Clone();
        var holdout =
            c.Noted ? Math.Max(Holdout, claim.Holdout)
            : claim.StatedHoldout > 0 ? claim.StatedHoldout
            : Holdout;
        claim.Holdout = c.Noted ? claim.Holdout : holdout;
        var held = Claims.GetValueOrDefault(claim.ExperimentId);
        if (c.Noted && held is not null)
        {
            claim.RegistrationId = held.RegistrationId;
        }

        var decision = claim.Equals(held)
            ? Decision.Nothing
            : Decision.Accept(new TrafficClaimed { Claim = claim, Holdout = holdout });
        return decision.Replying(
            new ClaimReply
            {
                Family = Family,
                ExperimentId = claim.ExperimentId,
                Holdout = holdout,
            }
        );
    }

    /// <summary>Who was given the units to another attempt keeps them.</summary>
    private Decision Release(ReleaseTraffic c) =>
        Claims.GetValueOrDefault(c.ExperimentId) is { } held
        && (c.RegistrationId.Length == 0 || c.RegistrationId == held.RegistrationId)
            ? Decision.Accept(new TrafficReleased { ExperimentId = c.ExperimentId })
            : Decision.Nothing;

    private Decision Set(SetHoldout c) =>
        ClaimRules.Check(this, c) is { } rejection ? Decision.Refuse(rejection)
        : c.Holdout == Holdout ? Decision.Nothing
        : Decision.Accept(new HoldoutSet { Holdout = c.Holdout, Reason = c.Reason });
}

/// <summary>Where a family's holdout comes from.</summary>
/// <param name="ExperimentId">The first test to state one; empty: a person set it.</param>
public sealed record HoldoutOrigin(string ExperimentId, string Author, Timestamp? At, string Reason)
{
    public static readonly HoldoutOrigin None = new("", "", null, "");
}
