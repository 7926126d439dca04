using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Domain.Evaluation;

/// <summary>What can be judged: everything named, as the evaluator writes it.</summary>
internal static class EvaluationRules
{
    public static Rejection? Check(RequestEvaluation c) =>
        Ids.Check("version_id", c.VersionId)
        ?? TrainingRules.CheckDataset(c.DatasetPath, c.DatasetHash)
        ?? ArtifactRules.Check("artifact", c.Artifact)
        ?? (c.RunId.Length == 0 ? null : Ids.Check("run_id", c.RunId));
}
