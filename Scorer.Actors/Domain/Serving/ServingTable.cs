using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;

namespace RalmActors.Scorer.Domain.Serving;

/// <summary>What a place in the table serves: a version, or an online-updated model's newest checkpoint.</summary>
public sealed record ServedModel(string VersionId, ArtifactRef Artifact);

/// <summary>A version in shadow beside a champion: what one has shown beside another champion does not count.</summary>
public sealed record ShadowPlace(string Family, string ChampionVersionId, ServedModel Model);

/// <param name="ChampionVersionId">What the registry says.</param>
/// <param name="ServedVersionId">What this node serves; null: nothing.</param>
/// <param name="IsUnloadable">The champion's artefact did not load when it was last tried.</param>
public sealed record ServedFamily(string Family, string ChampionVersionId, string? ServedVersionId, bool IsUnloadable);

/// <summary>Where a request goes.</summary>
/// <param name="Reply">Everything but the scores.</param>
public sealed record Routed(ServedModel Model, ScoreReply Reply);

/// <summary>
/// What this node serves and to whom. A place changes from one model to the next only when the next is loaded, so that a
/// promotion never leaves a request without an answer, and a model that does not load never replaces one that serves. Where
/// a champion does not load and nothing serves in its place yet, the newest earlier champion does.
/// </summary>
/// <param name="Wanted">Per place, what registry and lineages say.</param>
/// <param name="Serving">Per place, what is loaded.</param>
/// <param name="Unloadable">Artefacts, by hash, that did not load when they were last tried.</param>
/// <param name="Standby">Per place whose model does not load and where nothing serves, what is to serve instead.</param>
public sealed record ServingTable(
    ImmutableDictionary<string, RegistryReply> Families,
    ImmutableDictionary<string, LineageReply> Lineages,
    ImmutableDictionary<string, Assignment> Tests,
    ImmutableDictionary<string, ServedModel> Wanted,
    ImmutableDictionary<string, ServedModel> Serving,
    ImmutableHashSet<string> Unloadable,
    ImmutableDictionary<string, ServedModel> Standby
)
{
    public static readonly ServingTable Empty = new(
        ImmutableDictionary.Create<string, RegistryReply>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, LineageReply>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, Assignment>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ServedModel>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ServedModel>(StringComparer.Ordinal),
        ImmutableHashSet.Create<string>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ServedModel>(StringComparer.Ordinal)
    );

    /// <summary>Artefacts to load now: wanted somewhere and not serving there.</summary>
    public IEnumerable<ArtifactRef> Missing =>
        Wanted
            .Where(w => Serving.GetValueOrDefault(w.Key) != w.Value)
            .Concat(Standby.Where(s => !Serving.ContainsKey(s.Key)))
            .Select(w => w.Value.Artifact)
            .Distinct();

    /// <summary>Artefacts that must stay loaded.</summary>
    public IEnumerable<string> Needed =>
        Wanted
            .Values.Concat(Serving.Values)
            .Concat(Standby.Values)
            .Select(m => m.Artifact.Hash)
            .Distinct(StringComparer.Ordinal);

    /// <summary>Lineages that running experiments serve.</summary>
    public IEnumerable<string> LineagesServed =>
        Tests.Values.SelectMany(t => t.Test.Arms).Select(a => a.LineageId).Where(id => id.Length > 0).Distinct();

    /// <summary>Its champion is loaded, or what stands in for it; or nothing can be, and there is nothing to wait for.</summary>
    public bool IsSettled(string family) => Serving.ContainsKey(ChampionOf(family)) || CannotServe(family);

    /// <summary>Families with a champion: who serves, and whether it is the champion.</summary>
    public IEnumerable<ServedFamily> Served =>
        Families
            .Values.Where(f => Wanted.ContainsKey(ChampionOf(f.Family)))
            .Select(f => new ServedFamily(
                f.Family,
                f.ChampionVersionId,
                Serving.GetValueOrDefault(ChampionOf(f.Family))?.VersionId,
                Unloadable.Contains(Wanted[ChampionOf(f.Family)].Artifact.Hash)
            ));

    /// <summary>Versions that score what their champion answers, unseen.</summary>
    public IEnumerable<ShadowPlace> Shadows =>
        Families.Values.SelectMany(f =>
            f.Versions.Where(v => v.Stage == Stage.Shadow && v.Artifact is not null && f.ChampionVersionId.Length > 0)
                .Select(v => new ShadowPlace(f.Family, f.ChampionVersionId, new ServedModel(v.VersionId, v.Artifact)))
        );

    public ServingTable With(RegistryReply family) =>
        (this with { Families = Families.SetItem(family.Family, family) }).Replanned();

    /// <summary>Of two states of a lineage the one with more batches in its checkpoint counts.</summary>
    public ServingTable With(LineageReply lineage) =>
        lineage.Checkpoint is null
        || Lineages.GetValueOrDefault(lineage.LineageId)?.CheckpointBatchNr > lineage.CheckpointBatchNr
            ? this
            : (this with { Lineages = Lineages.SetItem(lineage.LineageId, lineage) }).Replanned();

    /// <summary>Of two revisions of a test the higher counts, however late it arrives.</summary>
    public ServingTable With(RunningExperiment experiment) =>
        Tests.GetValueOrDefault(experiment.ExperimentId)?.Test.Revision >= experiment.Revision
            ? this
            : (this with { Tests = Tests.SetItem(experiment.ExperimentId, new Assignment(experiment)) }).Replanned();

    /// <summary>The artefact is in memory: every place that waits for it serves it from now on.</summary>
    public ServingTable Loaded(string hash) =>
        (
            this with
            {
                Serving = Serving
                    .SetItems(Standby.Where(s => s.Value.Artifact.Hash == hash && !Serving.ContainsKey(s.Key)))
                    .SetItems(Wanted.Where(w => w.Value.Artifact.Hash == hash)),
                Unloadable = Unloadable.Remove(hash),
            }
        ).Replanned();

    /// <summary>The artefact is missing or damaged, or takes too long. It is tried again, and another may serve meanwhile.</summary>
    public ServingTable Failed(string hash) => (this with { Unloadable = Unloadable.Add(hash) }).Replanned();

    /// <summary>
    /// The experiment's arm when the user takes part and the arm's model is loaded, else the champion outside of the
    /// experiment: an arm that was not shown must not be counted.
    /// </summary>
    /// <returns>The route, or why there is none.</returns>
    public (Routed? Route, Rejection? Rejection) Route(Score request) =>
        ScoreRules.Check(request) is { } rejection ? (null, rejection)
        : ArmOf(request) is { } arm ? (arm, null)
        : Serving.GetValueOrDefault(ChampionOf(request.Family)) is { } champion
            ? (new Routed(champion, Reply(request, champion)), null)
        : (
            null,
            !Wanted.TryGetValue(ChampionOf(request.Family), out var wanted)
                ? Rejections.NotFound("family", request.Family, "has no champion")
            : CannotServe(request.Family)
                ? Rejections.NotAvailable(
                    "family",
                    request.Family,
                    $"has a champion, {wanted.VersionId}, that cannot be loaded, and no earlier one that can"
                )
            : Rejections.Of(RejectionCode.Overloaded, "family", request.Family, "has a champion that is being loaded")
        );

    private bool CannotServe(string family) =>
        Wanted.TryGetValue(ChampionOf(family), out var champion)
        && Unloadable.Contains(champion.Artifact.Hash)
        && !Serving.ContainsKey(ChampionOf(family))
        && !Standby.ContainsKey(ChampionOf(family));

    private Routed? ArmOf(Score request)
    {
        if (
            TestOf(request) is not { } assignment
            || assignment.Test.Family != request.Family
            || !Eligibility.Holds(assignment.Test.Eligibility, request.User)
        )
        {
            return null;
        }

        var unit = assignment.Assign(request.Unit.Length > 0 ? request.Unit : request.UserId);
        if (!unit.TakesPart)
        {
            return null;
        }

        var arm = assignment.Test.Arms[unit.Arm];
        if (Serving.GetValueOrDefault(PlaceOf(request.Family, arm)) is not { } model)
        {
            return null;
        }

        var reply = Reply(request, model);
        reply.ExperimentId = assignment.Test.ExperimentId;
        reply.Arm = arm.Name;
        reply.Phase = assignment.Test.Phase;
        reply.Cell = unit.Cell;
        reply.ExposureId = ScoreRules.ExposureId(request, assignment.Test);
        if (arm.LineageId.Length > 0)
        {
            reply.LineageIds.Add(arm.LineageId);
            reply.BatchNr = BatchesIn(arm.LineageId, model);
        }

        return new Routed(model, reply);
    }

    /// <summary>Of the checkpoint that serves; of an older one than the newest it is not known.</summary>
    private long BatchesIn(string lineageId, ServedModel model) =>
        Lineages.GetValueOrDefault(lineageId) is { } lineage && lineage.Checkpoint.Hash == model.Artifact.Hash
            ? lineage.CheckpointBatchNr
            : 0;

    /// <summary>The experiment named; once its winner is rolled out, the rollout: callers go on naming what they know.</summary>
    private Assignment? TestOf(Score request) =>
        Tests.GetValueOrDefault(request.ExperimentId) is { Test.Running: true } named ? named
        : request.ExperimentId.Length == 0 ? null
        : Tests.GetValueOrDefault(Rollouts.IdOf(request.ExperimentId)) is { Test.Running: true } rollout
        && rollout.Test.RolloutOf == request.ExperimentId
            ? rollout
        : null;

    private static ScoreReply Reply(Score request, ServedModel model) =>
        new()
        {
            RequestId = request.RequestId,
            VersionId = model.VersionId,
            ArtifactHash = model.Artifact.Hash,
            ExposureId = ScoreRules.ExposureId(request, experiment: null),
        };

    private ServingTable Replanned()
    {
        var wanted = Wanted.Clear().ToBuilder();
        foreach (var family in Families.Values)
        {
            if (VersionOf(family, family.ChampionVersionId) is { } champion)
            {
                wanted[ChampionOf(family.Family)] = champion;
            }
        }

        foreach (var experiment in Tests.Values.Select(t => t.Test).Where(t => t.Running))
        {
            foreach (var arm in experiment.Arms)
            {
                if (ModelOf(experiment.Family, arm) is { } model)
                {
                    wanted[PlaceOf(experiment.Family, arm)] = model;
                }
            }
        }

        // What one place has loaded, another may serve at once.
        var places = wanted.ToImmutable();
        var loaded = Serving.Values.Select(m => m.Artifact.Hash).ToHashSet(StringComparer.Ordinal);
        var serving = Serving
            .RemoveRange(Serving.Keys.Except(places.Keys))
            .SetItems(places.Where(w => loaded.Contains(w.Value.Artifact.Hash)));
        var versions = Families.Values.SelectMany(f => f.Versions).Select(v => v.Artifact?.Hash);
        var unloadable = Unloadable.Intersect(
            versions.Concat(places.Values.Select(m => m.Artifact.Hash)).OfType<string>()
        );
        return this with
        {
            Wanted = places,
            Serving = serving,
            Unloadable = unloadable,
            Standby = Standby.Clear().AddRange(StandIns(places, serving, unloadable)),
        };
    }

    /// <summary>For champions that do not load: the newest of those before them that has not failed too.</summary>
    private IEnumerable<KeyValuePair<string, ServedModel>> StandIns(
        ImmutableDictionary<string, ServedModel> wanted,
        ImmutableDictionary<string, ServedModel> serving,
        ImmutableHashSet<string> unloadable
    )
    {
        foreach (var family in Families.Values)
        {
            var place = ChampionOf(family.Family);
            if (
                !wanted.TryGetValue(place, out var champion)
                || !unloadable.Contains(champion.Artifact.Hash)
                || serving.ContainsKey(place)
            )
            {
                continue;
            }

            var earlier = EarlierChampions(family).FirstOrDefault(v => !unloadable.Contains(v.Artifact.Hash));
            if (earlier is not null)
            {
                yield return KeyValuePair.Create(place, new ServedModel(earlier.VersionId, earlier.Artifact));
            }
        }
    }

    private static IEnumerable<ModelVersion> EarlierChampions(RegistryReply family) =>
        family
            .Versions.Where(v => v.VersionId != family.ChampionVersionId && v.ArtifactReleasedAt is null)
            .Select(v => (Version: v, Held: v.History.LastOrDefault(h => h.Stage == Stage.Champion)))
            .Where(v => v.Held is not null)
            .OrderByDescending(v => v.Held!.From.ToDateTimeOffset())
            .Select(v => v.Version);

    private ServedModel? ModelOf(string family, Arm arm) =>
        arm.LineageId.Length > 0
            ? Lineages.GetValueOrDefault(arm.LineageId) is { } lineage
                ? new ServedModel(lineage.VersionId, lineage.Checkpoint)
                : null
            : Families.GetValueOrDefault(family) is { } known
                ? VersionOf(known, arm.VersionId)
                : null;

    private static ServedModel? VersionOf(RegistryReply family, string versionId) =>
        family.Versions.FirstOrDefault(v => v.VersionId == versionId) is { } version
            ? new ServedModel(versionId, version.Artifact)
            : null;

    private static string ChampionOf(string family) => $"champion {family}";

    private static string PlaceOf(string family, Arm arm) =>
        arm.LineageId.Length > 0 ? $"lineage {arm.LineageId}" : $"version {family} {arm.VersionId}";
}
