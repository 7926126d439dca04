using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// One user: the profile snapshot, and the samples that not all of their lineages have learned yet. Samples are
/// numbered from 1 without gaps; per lineage one mark says how far it has learned.
/// </summary>
/// <param name="LastSeq">Samples accepted so far; the number of the last one.</param>
/// <param name="Buffer">Ascending by number.</param>
/// <param name="Audience">Who responded to this user: the candidate's side of other users' samples.</param>
public sealed record UserState(
    string UserId,
    Features? Profile,
    long LastSeq,
    ImmutableList<BufferedSample> Buffer,
    ImmutableSortedDictionary<string, UserState.Mark> Marks,
    Audience Audience
) : IEntityState<UserState>
{
    /// <param name="WantedSeq">The last sample meant for the lineage.</param>
    /// <param name="LearnedSeq">The last one it has learned (or, being closed, let go).</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Mark(long WantedSeq, long LearnedSeq);

    public bool HasPending => !Buffer.IsEmpty;

    public static UserState Empty(string entityId) =>
        new(
            entityId,
            null,
            0,
            [],
            ImmutableSortedDictionary.Create<string, Mark>(StringComparer.Ordinal),
            Audience.Empty
        );

    /// <summary>Lineages that samples are waiting for.</summary>
    public IEnumerable<string> PendingLineages =>
        Marks.Where(m => m.Value.LearnedSeq < m.Value.WantedSeq).Select(m => m.Key);

    public long LearnedThrough(string lineageId) => Marks.GetValueOrDefault(lineageId).LearnedSeq;

    /// <summary>Samples waiting for the lineage, in order.</summary>
    public IEnumerable<BufferedSample> PendingFor(string lineageId)
    {
        var learned = LearnedThrough(lineageId);
        return Buffer.Where(s => s.SampleSeq > learned && s.LineageIds.Contains(lineageId));
    }

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            UpdateProfile c => Decide(c),
            RecordInteraction c => Decide(c, now),
            SliceLearned c => Decide(c),
            AddSeed c => Decide(c, now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public UserState Apply(IEvent e) =>
        e switch
        {
            ProfileUpdated updated => this with { Profile = updated.Profile },
            InteractionRecorded recorded => this with
            {
                LastSeq = recorded.SampleSeq,
                Buffer = Buffer.Add(
                    new BufferedSample
                    {
                        SampleSeq = recorded.SampleSeq,
                        Sample = recorded.Sample,
                        LineageIds = { SeedOutbox.Destinations(recorded) },
                    }
                ),
                Marks = Marks.SetItems(
                    SeedOutbox
                        .Destinations(recorded)
                        .Select(id => KeyValuePair.Create(id, new Mark(recorded.SampleSeq, LearnedThrough(id))))
                ),
            },
            SeedAdded added => this with { Audience = Audience.With(added.Seed, added.Keep) },
            SliceReleased released => Release(released),
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is GetAudience asked ? Audience.Since(UserId, asked.KnownVersion)
        : query is not GetUser ? throw new NotSupportedException(query.GetType().Name)
        : Profile is null && LastSeq == 0 && Audience.Version == 0
            ? new NotFoundReply { Region = ShardNames.User, EntityId = UserId }
        : new UserReply
        {
            UserId = UserId,
            Profile = Profile,
            SamplesAccepted = LastSeq,
            SamplesPending = Buffer.Count,
            Marks = { WireMarks },
            Seeds = Audience.Count,
        };

    public IWireMessage ToSnapshot() =>
        new UserSnapshot
        {
            Profile = Profile,
            LastSeq = LastSeq,
            Buffer = { Buffer },
            Marks = { WireMarks },
            Audience = { Audience.Seeds },
            AudienceVersion = Audience.Version,
            AudienceLetGo = Audience.LetGo,
        };

    public static UserState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (UserSnapshot)snapshot;
        return Empty(entityId) with
        {
            Profile = s.Profile,
            LastSeq = s.LastSeq,
            Buffer = [.. s.Buffer],
            Marks = s.Marks.ToImmutableSortedDictionary(
                m => m.LineageId,
                m => new Mark(m.WantedSeq, m.LearnedSeq),
                StringComparer.Ordinal
            ),
            Audience = Audience.Restored(s.Audience, s.AudienceVersion, s.AudienceLetGo),
        };
    }

    private IEnumerable<LineageMark> WireMarks =>
        Marks.Select(m => new LineageMark
        {
            LineageId = m.Key,
            WantedSeq = m.Value.WantedSeq,
            LearnedSeq = m.Value.LearnedSeq,
        });

    private Decision Decide(UpdateProfile c) =>
        InteractionRules.Check(c) is { } rejection ? new Decision([], rejection)
        : c.Profile.Equals(Profile) ? Decision.Nothing
        : Decision.Accept(new ProfileUpdated { Profile = c.Profile });

    private Decision Decide(RecordInteraction c, DateTimeOffset now)
    {
        if (InteractionRules.Check(c, now) is { } rejection)
        {
            return new Decision([], rejection);
        }

        if (Buffer.Count >= InteractionRules.MaxPendingSamples)
        {
            return Decision.Reject(
                RejectionCode.Overloaded,
                "user_id",
                UserId,
                $"has {Buffer.Count} samples waiting to be learned, the most there may be; send it again later"
            );
        }

        return Decision.Accept(
            new InteractionRecorded
            {
                SampleSeq = LastSeq + 1,
                Sample = InteractionRules.ToSample(c, Profile, now),
                LineageIds = { InteractionRules.LineagesOf(c) },
                TellsCandidate = SeedOutbox.IsPositive(c.Label),
            }
        );
    }

    private Decision Decide(SliceLearned c)
    {
        var mark = Marks.GetValueOrDefault(c.LineageId);
        return c.ThroughSeq <= mark.LearnedSeq ? Decision.Nothing
            : c.ThroughSeq > mark.WantedSeq
                ? Decision.Conflict(
                    "through_seq",
                    c.ThroughSeq,
                    $"must be at most {mark.WantedSeq}, the last sample meant for the lineage"
                )
            : Decision.Accept(
                new SliceReleased
                {
                    LineageId = c.LineageId,
                    ThroughSeq = c.ThroughSeq,
                    Discarded = c.Discarded,
                }
            );
    }

    private Decision Decide(AddSeed c, DateTimeOffset now)
    {
        if (SeedOutbox.Check(c) is { } rejection)
        {
            return new Decision([], rejection);
        }

        var added = Audience.Take(c, now) is { } seed
            ? Decision.Accept(new SeedAdded { Seed = seed, Keep = c.Keep })
            : Decision.Nothing;
        return added.Replying(SeedOutbox.Told(c));
    }

    private UserState Release(SliceReleased e)
    {
        var marks = Marks.SetItem(e.LineageId, Marks[e.LineageId] with { LearnedSeq = e.ThroughSeq });
        return this with
        {
            Marks = marks,
            Buffer = Buffer.RemoveAll(s => s.LineageIds.All(id => marks[id].LearnedSeq >= s.SampleSeq)),
        };
    }
}
