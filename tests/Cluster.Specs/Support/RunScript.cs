using Ralm.Datasets.Preparation;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>Runs and studies that write in each round and never get to the end.</summary>
internal static class RunScript
{
    public static IWireMessage[] Run(PreparedDatasetInfo data, string id, int round) =>
        round == 1
            ? [Start(data, id, "", 1_000), new PauseTraining { Header = Header($"pause-{id}", round), RunId = id }]
            :
            [
                new ResumeTraining { Header = Header($"resume-{id}", round), RunId = id },
                new PauseTraining { Header = Header($"pause-{id}", round), RunId = id },
            ];

    public static IWireMessage[] Study(PreparedDatasetInfo data, string id, int round) =>
        round == 1
            ? [Search(data, id), new CancelStudy { Header = Header($"cancel-{id}", round), StudyId = id }]
            :
            [
                new ResumeStudy { Header = Header($"resume-{id}", round), StudyId = id },
                new CancelStudy { Header = Header($"cancel-{id}", round), StudyId = id },
            ];

    public static StartTraining Start(PreparedDatasetInfo data, string id, string family, int epochs) =>
        new()
        {
            Header = Header($"start-{id}", 1),
            RunId = id,
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = family,
            VersionId = "v-1",
            Config = new TrainingConfig
            {
                MaxEpochs = epochs,
                Patience = epochs,
                RandomSeed = 1,
            },
        };

    private static StartStudy Search(PreparedDatasetInfo data, string id) =>
        new()
        {
            Header = Header($"start-{id}", 1),
            StudyId = id,
            Definition = new StudyDefinition
            {
                DatasetPath = data.Path,
                DatasetHash = data.Meta.Hash,
                Config = new TrainingConfig { MaxEpochs = 1_000, Patience = 1_000 },
                Parameters =
                {
                    new SearchParameter
                    {
                        Path = "optimizer.learning_rate",
                        Continuous = new ContinuousRange { Low = 1e-4, High = 1e-2 },
                    },
                },
                Method = SearchMethod.Random,
                Trials = 1,
            },
        };

    private static CommandHeader Header(string what, int round) => new() { CommandId = $"{what}-{round}" };
}
