using System.Collections.Immutable;
using Ralm.Datasets.Files;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <param name="Place">In the file.</param>
internal sealed record ReadAudience(int Place, string UserId, IReadOnlyList<Seed> Seeds);

/// <summary>
/// Audiences that are being told their seeds: which command is due for whom, and up to which place all have answered.
/// </summary>
/// <param name="from">How far the load was.</param>
internal sealed class SeedSender(string seedsHash, SeedLoadOptions options, TimeProvider clock, SeedLoadAdvanced? from)
{
    private readonly Dictionary<string, Telling> _byCommand = new(StringComparer.Ordinal);
    private readonly Queue<Telling> _waiting = [];
    private readonly Dictionary<int, Telling> _done = [];
    private readonly SeedLoadAdvanced _mark = from?.Clone() ?? new SeedLoadAdvanced();
    private int _marked = from?.AudiencesLoaded ?? 0;

    /// <summary>More audiences should be read.</summary>
    public bool Wants => _waiting.Count < options.AtOnce;

    /// <summary>Somebody who has been told again and has not answered; null: nobody.</summary>
    public string? Silent => _byCommand.Values.FirstOrDefault(t => t.Times > 1)?.Of.UserId;

    /// <summary>The next audiences of a file.</summary>
    public static ImmutableArray<ReadAudience> Read(SeedFile file, int most)
    {
        var read = ImmutableArray.CreateBuilder<ReadAudience>();
        while (read.Count < most && file.Read is var place && file.NextAudience() is var (userId, seeds))
        {
            read.Add(new ReadAudience(place, userId, seeds));
        }

        return read.ToImmutable();
    }

    public void Add(IEnumerable<ReadAudience> audiences)
    {
        foreach (var audience in audiences)
        {
            _waiting.Enqueue(new Telling(audience));
        }
    }

    /// <summary>Commands to tell now: next parts, audiences whose turn has come, and those that stayed silent.</summary>
    public IReadOnlyList<AddSeeds> Due()
    {
        var due = new List<AddSeeds>();
        foreach (var silent in _byCommand.Values.Where(t => clock.GetElapsedTime(t.ToldAt) >= options.TellAgainAfter))
        {
            due.Add(Tell(silent));
        }

        while (_byCommand.Count < options.AtOnce && _waiting.TryDequeue(out var next))
        {
            next.Begin(CommandId(next), options.Keep);
            _byCommand[next.Command!.Header.CommandId] = next;
            due.Add(Tell(next));
        }

        return due;
    }

    public void Answered(CommandReply reply)
    {
        if (
            reply.Outcome is not (CommandOutcome.Accepted or CommandOutcome.Duplicate or CommandOutcome.Rejected)
            || reply.Rejection?.Code is RejectionCode.Overloaded or RejectionCode.NotAvailable
            || !_byCommand.Remove(reply.CommandId, out var told)
        )
        {
            // Silence comes to the same: it is told again.
            return;
        }

        told.Refusal ??= reply.Rejection;
        if (told.HasMore && told.Refusal is null)
        {
            _waiting.Enqueue(told);
        }
        else
        {
            _done[told.Of.Place] = told;
        }
    }

    /// <summary>How far the load is, if that should be journaled now.</summary>
    public SeedLoadAdvanced? Mark(SeedFileHead head)
    {
        while (_done.Remove(_mark.AudiencesLoaded, out var told))
        {
            _mark.AudiencesLoaded++;
            _mark.SeedsLoaded += told.Refusal is null ? told.Of.Seeds.Count : 0;
            _mark.Refused += told.Refusal is null ? 0 : 1;
            _mark.Refusal ??= told.Refusal;
        }

        if (_mark.AudiencesLoaded < head.Audiences && _mark.AudiencesLoaded < _marked + options.MarkEvery)
        {
            return null;
        }

        _marked = _mark.AudiencesLoaded;
        (_mark.Audiences, _mark.Seeds) = (head.Audiences, head.Seeds);
        _mark.TrainedKeep = head.Keep;
        return _mark.Clone();
    }

    private AddSeeds Tell(Telling told)
    {
        told.Times++;
        told.ToldAt = clock.GetTimestamp();
        return told.Command!;
    }

    private string CommandId(Telling told) => $"seeds:{seedsHash[..32]}:{told.Of.Place}:{told.Next}";

    private sealed class Telling(ReadAudience of)
    {
        public ReadAudience Of => of;

        public AddSeeds? Command { get; private set; }

        /// <summary>The first seed of the next part.</summary>
        public int Next { get; private set; }

        public int Times { get; set; }

        public long ToldAt { get; set; }

        public Rejection? Refusal { get; set; }

        public bool HasMore => Next < of.Seeds.Count;

        /// <summary>The next part: as much as fits.</summary>
        public void Begin(string commandId, int keep)
        {
            Command = new AddSeeds
            {
                Header = new CommandHeader { CommandId = commandId, CorrelationId = commandId },
                UserId = of.UserId,
                Keep = keep,
            };
            Times = 0;
            var room = AudienceBounds.MaxCommandBytes;
            while (HasMore && (Command.Seeds.Count == 0 || room >= of.Seeds[Next].CalculateSize()))
            {
                room -= of.Seeds[Next].CalculateSize();
                Command.Seeds.Add(of.Seeds[Next++]);
            }
        }
    }
}
