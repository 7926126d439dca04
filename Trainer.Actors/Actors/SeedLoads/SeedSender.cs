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
internal sealed class SeedSender(string seedsHash, SeedLoadOptions options, SeedLoadAdvanced? from)
{
    private readonly Dictionary<string, Telling> _byCommand = new(StringComparer.Ordinal);
    private readonly Queue<Telling> _waiting = [];
    private readonly Dictionary<int, Telling> _done = [];
    private readonly SeedLoadAdvanced _mark = from?.Clone() ?? new SeedLoadAdvanced();
    private int _marked = from?.AudiencesLoaded ?? 0;

    /// <summary>More audiences should be read.</summary>
    public bool Wants => _waiting.Count < options.AtOnce;

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

    /// <summary>Commands to tell from now on: next parts, and audiences whose turn has come.</summary>
    public IReadOnlyList<AddSeeds> Next()
    {
        var next = new List<AddSeeds>();
        while (_byCommand.Count < options.AtOnce && _waiting.TryDequeue(out var telling))
        {
            telling.Begin(CommandId(telling), options.Keep);
            _byCommand[telling.Command!.Header.CommandId] = telling;
            next.Add(telling.Command);
        }

        return next;
    }

    /// <param name="settled">Its key is the command id.</param>
    public void Settled(Settlement settled)
    {
        if (!_byCommand.Remove(settled.Key, out var told))
        {
            return;
        }

        told.Refusal ??= settled.Refused;
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

    private string CommandId(Telling told) => $"seeds:{seedsHash[..32]}:{told.Of.Place}:{told.Next}";

    private sealed class Telling(ReadAudience of)
    {
        public ReadAudience Of => of;

        public AddSeeds? Command { get; private set; }

        /// <summary>The first seed of the next part.</summary>
        public int Next { get; private set; }

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
            var room = AudienceBounds.MaxCommandBytes;
            while (HasMore && (Command.Seeds.Count == 0 || room >= of.Seeds[Next].CalculateSize()))
            {
                room -= of.Seeds[Next].CalculateSize();
                Command.Seeds.Add(of.Seeds[Next++]);
            }
        }
    }
}
