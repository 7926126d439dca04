using Ralm.Models.Artifacts;
using Ralm.Models.OffPolicy;
using Ralm.Ranking.Artifacts;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.ClusterHost.OffPolicy;

/// <summary>One policy replay: finds the policy in the journal, then walks all of it once.</summary>
public static class PolicyReplayRun
{
    /// <exception cref="StartRefusedException">The journal does not know the policy, or its model file is gone.</exception>
    /// <exception cref="CommandLineException">The settings cannot be.</exception>
    public static Task<PolicySummary> Run(RalmSettings settings, PolicyQuestion question, CancellationToken ct) =>
        JournalReader.Open(
            settings,
            async journal =>
            {
                var (policy, family) = await Find(journal, settings, question);
                using (policy)
                {
                    var replay = new PolicyReplay(policy, question, family);
                    var results = new ExperimentResults(question);
                    await journal.ForEach(
                        (id, e) =>
                        {
                            replay.Hear(id, e);
                            results.Hear(id, e);
                        },
                        ct
                    );
                    return PolicySummary.Of(question, family, replay, replay.Estimate(), results.Newest());
                }
            },
            ct
        );

    private static async Task<(IReplayedPolicy Policy, string Family)> Find(
        JournalReader journal,
        RalmSettings settings,
        PolicyQuestion question
    )
    {
        var store = new ArtifactStore(settings.Storage.Models);
        try
        {
            return question.Kind == PolicyKind.Version
                ? await Version(journal, store, settings.Trainer.Device, question)
                : await Lineage(journal, store, settings.Trainer.Device, question);
        }
        catch (ArtifactException e)
        {
            throw new StartRefusedException($"the model of {question.Id} cannot be read: {e.Message}", e);
        }
    }

    private static async Task<(IReplayedPolicy Policy, string Family)> Version(
        JournalReader journal,
        ArtifactStore store,
        string device,
        PolicyQuestion question
    )
    {
        if (question.Family is not { } family)
        {
            throw new CommandLineException("--family must be set for a version: names of versions are a family's own");
        }

        if (question.Settings.Count > 0)
        {
            throw new CommandLineException("--setting must be left out for a version: its weights are what they are");
        }

        var events = await journal.Of($"{RegionNames.Registry}-{family}");
        return events.OfType<VersionRegistered>().LastOrDefault(e => e.VersionId == question.Id) is { } registered
            ? (new FixedPolicy(registered.Artifact, store, device), family)
            : throw new StartRefusedException($"the journal knows no version \"{question.Id}\" of \"{family}\"");
    }

    private static async Task<(IReplayedPolicy Policy, string Family)> Lineage(
        JournalReader journal,
        ArtifactStore store,
        string device,
        PolicyQuestion question
    )
    {
        var opened =
            (await journal.Of($"{RegionNames.Lineage}-{question.Id}", last: 1)).OfType<LineageOpened>().FirstOrDefault()
            ?? throw new StartRefusedException($"the journal knows no lineage \"{question.Id}\"");
        if (question.Family is { } family && family != opened.Family)
        {
            throw new CommandLineException($"--family \"{family}\" must be the lineage's, \"{opened.Family}\"");
        }

        var (settings, rejection) = OtherSettings.Of(opened, question.Settings);
        return settings is null
            ? throw new CommandLineException($"--setting {rejection!.Field} \"{rejection.Value}\" {rejection.Rule}")
            : (new LineagePolicy(settings, store, device), opened.Family);
    }
}
