using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Sweeping;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>When files are swept without anybody asking.</summary>
public sealed record SweepOptions
{
    /// <summary>Between two sweeps; <c>null</c>, the default: only when asked.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Age below which nothing is touched: default a week.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SweepOptions Checked()
    {
        return this.Within(Every ?? TimeSpan.FromHours(1), 1, 31_536_000, nameof(Every)).Within(Grace, 0, 31536000);
    }
}

/// <summary>
/// Deletes stored files that nobody needs, when asked to, and by the clock where the owner wants that. It asks every owner first; one that does not answer may need
/// anything, so then nothing is deleted.
/// </summary>
public sealed class SweeperActor : ReceiveActor, IWithTimers
{
    private const int Week = 7 * 24 * 3_600;
    private const int AtOnce = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SweptFolder _folder;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyActorRegistry _regions;
    private readonly Func<Task<IReadOnlyCollection<string>>> _journaled;
    private readonly SweepOptions _options;
    private readonly Func<bool> _isItsTurn;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <param name="regions">Of registries, lineages, runs, evaluations and experiments.</param>
    /// <param name="journaled">Persistence ids of all entities there are.</param>
    /// <param name="isItsTurn">Among all nodes that see the folder, one sweeps by the clock.</param>
    public SweeperActor(
        string folder,
        TimeProvider clock,
        IReadOnlyActorRegistry regions,
        Func<Task<IReadOnlyCollection<string>>> journaled,
        SweepOptions options,
        Func<bool> isItsTurn
    )
    {
        (_options, _isItsTurn) = (options, isItsTurn);
        (_folder, _clock, _regions, _journaled) = (new SweptFolder(folder), clock, regions, journaled);
        // One sweep at a time: the next one waits in the mailbox.
        ReceiveAsync<SweepArtifacts>(async asked => Sender.Tell(await Sweep(asked)));
        Receive<Tick>(tick => tick.Do());
        Receive<SweepReply>(own =>
        {
            if (own.Rejection is { } r)
            {
                _log.Warning("nothing was swept: {0} {1}", r.Field, r.Rule);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (_options.Every is { } every)
        {
            Timers.Every(nameof(SweepInTurn), every, SweepInTurn);
        }
    }

    /// <summary>As if somebody had asked for it.</summary>
    private void SweepInTurn()
    {
        if (_isItsTurn())
        {
            Self.Tell(new SweepArtifacts { GraceS = (long)_options.Grace.TotalSeconds }, Self);
        }
    }

    private async Task<SweepReply> Sweep(SweepArtifacts asked)
    {
        if (asked.GraceS is not (0 or (>= 3_600 and <= 31_536_000)))
        {
            return Refused(Decision.Invalid("grace_s", asked.GraceS, "must be 3,600 to 31,536,000, or 0 for a week"));
        }

        try
        {
            // Files first: what is written from here on is not looked at.
            var files = _folder.List();
            var holders = await Ask();
            var grace = TimeSpan.FromSeconds(asked.GraceS == 0 ? Week : asked.GraceS);
            return await Sweep(asked, files, new SweepPlan(holders, _clock.GetUtcNow(), grace));
        }
        catch (Exception e) when (e is AskTimeoutException or UnansweredException)
        {
            return Refused(Decision.Reject(RejectionCode.Overloaded, "owners", "", $"must all answer: {e.Message}"));
        }
    }

    private async Task<SweepReply> Sweep(SweepArtifacts asked, IReadOnlyList<StoredFile> files, SweepPlan plan)
    {
        var released = ImmutableHashSet<(string, string)>.Empty;
        var reply = new SweepReply { DryRun = asked.DryRun };
        foreach (var (family, version) in plan.Releasable())
        {
            if (asked.DryRun || await Released(family, version))
            {
                released = released.Add((family, version.VersionId));
                reply.Released.Add($"{family}/{version.VersionId}");
            }
        }

        foreach (var file in plan.Unneeded(files, plan.Needed(released)))
        {
            if (asked.DryRun || _folder.Delete(file))
            {
                var gone = new SweptFile { Name = file.Name, Bytes = file.Bytes };
                gone.WrittenAt = Timestamp.FromDateTimeOffset(file.WrittenAt);
                reply.Files.Add(gone);
                reply.Bytes += file.Bytes;
            }
        }

        reply.Kept = files.Count - reply.Files.Count;
        if (!asked.DryRun)
        {
            _log.Info("swept {0} files of {1} bytes, kept {2}", reply.Files.Count, reply.Bytes, reply.Kept);
        }

        return reply;
    }

    /// <summary>The registry has the last word: a version promoted meanwhile keeps its artefact.</summary>
    private async Task<bool> Released(string family, ModelVersion version)
    {
        var command = new ReleaseArtifact
        {
            Header = new CommandHeader { CommandId = $"sweep:{version.Artifact.Hash[..32]}:{version.History.Count}" },
            Family = family,
            VersionId = version.VersionId,
            Reason = "swept",
        };
        return await _regions.Get<RegistryRegion>().AskFor<CommandReply>(command, Patience)
            is Answer<CommandReply>.Given;
    }

    private async Task<Holders> Ask()
    {
        var ids = await _journaled();
        return new Holders(
            await Ask<RegistryRegion, RegistryReply>(ids, RegionNames.Registry, id => new GetRegistry { Family = id }),
            await Ask<LineageRegion, LineageReply>(ids, RegionNames.Lineage, id => new GetLineage { LineageId = id }),
            await Ask<TrainingRunRegion, TrainingRunReply>(
                ids,
                RegionNames.TrainingRun,
                id => new GetTrainingRun { RunId = id }
            ),
            await Ask<EvaluationRegion, EvaluationsReply>(
                ids,
                RegionNames.Evaluation,
                id => new GetEvaluations { Family = id }
            ),
            await Ask<AbTestRegion, ExperimentReply>(
                ids,
                RegionNames.AbTest,
                id => new GetExperiment { ExperimentId = id }
            )
        );
    }

    private async Task<ImmutableArray<TReply>> Ask<TRegion, TReply>(
        IReadOnlyCollection<string> ids,
        string region,
        Func<string, IQuery> query
    )
        where TReply : class, IWireMessage
    {
        var prefix = $"{region}-";
        var replies = ImmutableArray.CreateBuilder<TReply>();
        foreach (
            var some in ids.Where(i => i.StartsWith(prefix, StringComparison.Ordinal))
                .Select(i => i[prefix.Length..])
                .Chunk(AtOnce)
        )
        {
            var answers = some.Select(id => _regions.Get<TRegion>().AskFor<TReply>(query(id), Patience));
            foreach (var (id, answer) in some.Zip(await Task.WhenAll(answers)))
            {
                try
                {
                    if (answer.ReplyOrNone is { } reply)
                    {
                        replies.Add(reply);
                    }
                }
                catch (UnansweredException e)
                {
                    throw new UnansweredException($"{region} {id}: {e.Message}");
                }
            }
        }

        return replies.ToImmutable();
    }

    private static SweepReply Refused(Decision decision) => new() { Rejection = decision.Rejection };
}
