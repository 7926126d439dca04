using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Wire;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>
/// One user: the profile snapshot, and the samples that not all of their lineages have learned yet. Samples are
/// numbered from 1 without gaps; per lineage one mark says how far it has learned.
/// </summary>
/// <param name="LastSeq">Samples accepted so far; the number of the last one.</param>
/// <param name="Buffer">Ascending by number.</param>
/// <param name="Audience">Who responded to this user: the candidate's side of other users' samples.</param>
/// <param name="Untold">Per candidate, the responses it has not been told of yet.</param>
public sealed record UserState(
    string UserId,
    Features? Profile,
    long LastSeq,
    ImmutableList<WaitingSample> Buffer,
    ImmutableSortedDictionary<string, UserState.Mark> Marks,
    Audience Audience,
    ImmutableSortedDictionary<string, int> Untold
) : IEntityState<UserState>
{
    /// <param name="WantedSeq">The last sample meant for the lineage.</param>
    /// <param name="LearnedSeq">The last one it has learned (or, being closed, let go).</param>
    /// <param name="Waiting">Those in the buffer that it has not learned: follows from the buffer.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Mark(long WantedSeq, long LearnedSeq, int Waiting);

    public bool HasPending => !Buffer.IsEmpty;

    public static UserState Empty(string entityId) =>
        new(
            entityId,
            null,
            0,
            [],
            ImmutableSortedDictionary.Create<string, Mark>(StringComparer.Ordinal),
            Audience.Empty,
            ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal)
        );

    /// <summary>Lineages that samples are waiting for.</summary>
    public IEnumerable<string> PendingLineages =>
        Marks.Where(m => m.Value.Waiting > 0 && m.Key != SeedOutbox.Destination).Select(m => m.Key);

    public long LearnedThrough(string lineageId) => Marks.GetValueOrDefault(lineageId).LearnedSeq;

    /// <summary>Samples waiting for the lineage, in order.</summary>
    public IEnumerable<WaitingSample> PendingFor(string lineageId)
    {
        var learned = LearnedThrough(lineageId);
        return Buffer.Where(s => s.SampleSeq > learned && s.LineageIds.Contains(lineageId));
    }

    /// <summary>What is acknowledged by it: its being journaled may wait.</summary>
    /// <returns>The key of what was owed; null: it says nothing new, or a candidate has more to hear of.</returns>
    public string? EndsFor(DeliveryAcknowledged c)
    {
        var told = PendingFor(c.Destination).FirstOrDefault(s => s.SampleSeq == c.ThroughSeq);
        return told is null ? null
            : c.Destination != SeedOutbox.Destination ? c.Destination
            : Untold[told.CandidateId] == 1 ? SeedOutbox.KeyOf(told.CandidateId)
            : null;
    }

    /// <summary>Whether samples behind that one wait for the lineage.</summary>
    public bool WaitsBehind(string lineageId, long seq) =>
        Marks.TryGetValue(lineageId, out var mark) && mark.WantedSeq > seq;

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            UpdateProfile c => Decide(c),
            RecordInteraction c => Decide(c, LineageFacts.AllThere, now),
            RecordDecision c => DecisionRules.Check(c, now) is { } rejection
                ? Decision.Refuse(rejection)
                : Decision.Accept(new DecisionRecorded { Decision = DecisionRules.ToLogged(c, Profile, now) }),
            DeliveryAcknowledged c => Decide(c),
            AddSeed c => Decide(c, now),
            AddSeeds c => Decide(c, now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public UserState Apply(IEvent e) =>
        e switch
        {
            ProfileUpdated updated => this with { Profile = updated.Profile },
            InteractionRecorded recorded => (this with { LastSeq = recorded.SampleSeq }).With(recorded),
            SeedAdded added => this with { Audience = Audience.With(added.Seed, added.Keep) },
            SeedsAdded added => this with
            {
                Audience = added.Seeds.Aggregate(Audience, (audience, seed) => audience.With(seed, added.Keep)),
            },
            // For whoever asks the journal: nothing that the user decides rests on it.
            DecisionRecorded => this,
            SliceReleased { Alone: true } told => Told(told.ThroughSeq),
            SliceReleased released => Release(released),
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is GetAudience asked ? Audience.Since(UserId, asked.KnownVersion)
        : query is not GetUser ? throw new NotSupportedException(query.GetType().Name)
        : Profile is null && LastSeq == 0 && Audience.Version == 0
            ? new NotFoundReply { Region = RegionNames.User, EntityId = UserId }
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
            Buffer = { Buffer.Select(sample => sample.ToMessage()) },
            Marks = { WireMarks },
            Audience = { Audience.Seeds },
            AudienceVersion = Audience.Version,
            AudienceEvictedThrough = Audience.LetGo,
        };

    public static UserState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (UserSnapshot)snapshot;
        var empty = Empty(entityId) with
        {
            Marks = s.Marks.ToImmutableSortedDictionary(
                m => m.LineageId,
                m => new Mark(m.WantedSeq, m.LearnedSeq, 0),
                StringComparer.Ordinal
            ),
        };
        return s.Buffer.Aggregate(empty, (state, sample) => state.With(WaitingSample.Of(sample))) with
        {
            Profile = s.Profile,
            LastSeq = s.LastSeq,
            Audience = Audience.Restored(s.Audience, s.AudienceVersion, s.AudienceEvictedThrough),
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
        InteractionRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : c.Profile.Equals(Profile) ? Decision.Nothing
        : Decision.Accept(new ProfileUpdated { Profile = c.Profile });

    /// <summary>The same with what is known of the lineages it is for.</summary>
    public Decision Decide(RecordInteraction c, LineageFacts facts, DateTimeOffset now)
    {
        string[] lineages = [.. InteractionRules.LineagesOf(c, facts)];
        var rejection = InteractionRules.Check(c, now) ?? InteractionRules.Check(c, facts) ?? CheckRoom(c, lineages);
        if (rejection is not null)
        {
            return Decision.Refuse(rejection);
        }

        var recorded = Decision.Accept(
            new InteractionRecorded
            {
                SampleSeq = LastSeq + 1,
                Sample = InteractionRules.ToSample(c, Profile, now),
                LineageIds = { lineages },
                TellsCandidate = SeedOutbox.IsPositive(c.Label),
            }
        );
        return lineages.Length == 0 ? recorded.Noting(CommandNote.NoLineage) : recorded;
    }

    /// <summary>Each lineage has a limit of its own, and each candidate: whoever stands still keeps nobody else waiting.</summary>
    private Rejection? CheckRoom(RecordInteraction c, string[] lineages)
    {
        const int Most = InteractionRules.MaxPendingSamples;
        return Array.Find(lineages, id => Marks.GetValueOrDefault(id).Waiting >= Most) is { } full
                ? Full("lineage_ids", full, $"has {Most:N0} samples of this user to learn")
            : !SeedOutbox.IsPositive(c.Label) ? null
            : Untold.GetValueOrDefault(c.CandidateId) >= SeedOutbox.MaxPerCandidate
                ? Full(
                    "candidate_id",
                    c.CandidateId,
                    $"has {SeedOutbox.MaxPerCandidate} responses of this user to hear of"
                )
            : Marks.GetValueOrDefault(SeedOutbox.Destination).Waiting >= Most
                ? Full("user_id", UserId, $"has {Most:N0} responses to tell candidates of")
            : null;
    }

    private static Rejection? Full(string field, string value, string what) =>
        Rejections.Of(RejectionCode.Overloaded, field, value, $"{what}, the most there may be; send it again later");

    private Decision Decide(DeliveryAcknowledged c)
    {
        var mark = Marks.GetValueOrDefault(c.Destination);
        var isSeed = c.Destination == SeedOutbox.Destination;
        return c.ThroughSeq <= mark.LearnedSeq ? Decision.Nothing
            : c.ThroughSeq > mark.WantedSeq
                ? Decision.Conflict(
                    "through_seq",
                    c.ThroughSeq,
                    $"must be at most {mark.WantedSeq}, the last sample meant for the lineage"
                )
            : isSeed && !PendingFor(SeedOutbox.Destination).Any(s => s.SampleSeq == c.ThroughSeq) ? Decision.Nothing
            : Decision.Accept(
                new SliceReleased
                {
                    LineageId = c.Destination,
                    ThroughSeq = c.ThroughSeq,
                    Discarded = c.Discarded,
                    Alone = isSeed,
                }
            );
    }

    private Decision Decide(AddSeed c, DateTimeOffset now)
    {
        if (SeedOutbox.Check(c) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        var added = Audience.Take(SeedOutbox.Of(c), now) is { } seed
            ? Decision.Accept(new SeedAdded { Seed = seed, Keep = c.Keep })
            : Decision.Nothing;
        return added.Replying(SeedOutbox.Told(c));
    }

    private Decision Decide(AddSeeds c, DateTimeOffset now) =>
        SeedOutbox.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Audience.Take(SeedOutbox.Of(c), c.Keep, now) is { IsEmpty: false } taken
            ? Decision.Accept(new SeedsAdded { Seeds = { taken }, Keep = c.Keep })
        : Decision.Nothing;

    /// <summary>A sample joins the buffer, unless nobody waits for it.</summary>
    private UserState With(InteractionRecorded recorded) =>
        recorded is { LineageIds.Count: 0, TellsCandidate: false }
            ? this
            : With(WaitingSample.Of(recorded.SampleSeq, recorded.Sample, SeedOutbox.Destinations(recorded)));

    private UserState With(WaitingSample sample) =>
        this with
        {
            Buffer = Buffer.Add(sample),
            Marks = Marks.SetItems(
                sample.LineageIds.Select(id => KeyValuePair.Create(id, Wanting(id, sample.SampleSeq)))
            ),
            Untold =
                sample.LineageIds.Contains(SeedOutbox.Destination)
                && sample.SampleSeq > LearnedThrough(SeedOutbox.Destination)
                    ? Untold.Count(sample.CandidateId, 1)
                    : Untold,
        };

    private Mark Wanting(string lineageId, long seq)
    {
        var mark = Marks.GetValueOrDefault(lineageId);
        return mark with
        {
            WantedSeq = Math.Max(mark.WantedSeq, seq),
            Waiting = mark.Waiting + (seq > mark.LearnedSeq ? 1 : 0),
        };
    }

    private UserState Release(SliceReleased e)
    {
        var before = Marks[e.LineageId];
        var gone = PendingFor(e.LineageId).TakeWhile(s => s.SampleSeq <= e.ThroughSeq).ToArray();
        var mark = before with { LearnedSeq = e.ThroughSeq, Waiting = before.Waiting - gone.Length };
        var marks = Marks.SetItem(e.LineageId, mark);
        return this with
        {
            Marks = marks,
            Buffer = Buffer.RemoveAll(s => s.LineageIds.All(id => marks[id].LearnedSeq >= s.SampleSeq)),
            Untold =
                e.LineageId == SeedOutbox.Destination
                    ? gone.Aggregate(Untold, (untold, s) => untold.Count(s.CandidateId, -1))
                    : Untold,
        };
    }

    /// <summary>
    /// One candidate has been told, whatever others have not: the mark goes on to where the first of them still waits.
    /// </summary>
    private UserState Told(long seq)
    {
        var at = Buffer.FindIndex(s => s.SampleSeq == seq);
        var told = Buffer[at] with { LineageIds = Buffer[at].LineageIds.Remove(SeedOutbox.Destination) };
        var mark = Marks[SeedOutbox.Destination];
        var next = this with
        {
            Buffer = told.LineageIds.All(id => Marks[id].LearnedSeq >= seq)
                ? Buffer.RemoveAt(at)
                : Buffer.SetItem(at, told),
            Untold = Untold.Count(told.CandidateId, -1),
        };
        var first = next.PendingFor(SeedOutbox.Destination).FirstOrDefault();
        mark = mark with { LearnedSeq = first?.SampleSeq - 1 ?? mark.WantedSeq, Waiting = mark.Waiting - 1 };
        return next with { Marks = Marks.SetItem(SeedOutbox.Destination, mark) };
    }
}
