namespace RalmActors.Messages.Cluster;

// Keys under which shard regions and other well-known actors are found in the actor registry.

/// <summary>Users: profile, learning buffer, audience.</summary>
public sealed class UserRegion;

/// <summary>Which users hold samples not learned yet, in buckets.</summary>
public sealed class PendingUsersRegion;

/// <summary>Offline training runs.</summary>
public sealed class TrainingRunRegion;

/// <summary>Hyper-parameter searches.</summary>
public sealed class StudyRegion;

/// <summary>Lists studies; on nodes with the trainer role, a cluster-aware router elsewhere.</summary>
public sealed class StudyListKey;

/// <summary>Online-updated models.</summary>
public sealed class LineageRegion;

/// <summary>Models trained anew on what lineages have seen, and the tests of them.</summary>
public sealed class RetrainingRegion;

/// <summary>Model families: versions and stages.</summary>
public sealed class RegistryRegion;

/// <summary>Evaluations asked for, by model family.</summary>
public sealed class EvaluationRegion;

/// <summary>Seeds of training data on their way to the audiences, by the hash of their file.</summary>
public sealed class SeedLoadRegion;

/// <summary>Experiments.</summary>
public sealed class AbTestRegion;

/// <summary>Hash cells of experiments.</summary>
public sealed class AbCellRegion;

/// <summary>Designs of experiments that are played before anybody is exposed.</summary>
public sealed class AbSimulationRegion;

/// <summary>Takes exposures and outcomes of all experiments and sends each to its cell; on every node.</summary>
public sealed class EvidenceKey;

/// <summary>The units of a family: its holdout and layers.</summary>
public sealed class AbTrafficRegion;

/// <summary>All experiments beside each other: one per cluster.</summary>
public sealed class CatalogueKey;

/// <summary>Time series and alerts of one source.</summary>
public sealed class CollectorRegion;

/// <summary>Tells people of alerts, from this node; on every node.</summary>
public sealed class NotifierKey;

/// <summary>The scorer of this node; registered on nodes with the scorer role, a cluster-aware router elsewhere.</summary>
public sealed class ScorerKey;

/// <summary>The trainer of this node's device; registered on nodes with the trainer role only.</summary>
public sealed class GpuTrainerKey;

/// <summary>Reads and compares evaluations; on nodes with the trainer role, a cluster-aware router elsewhere.</summary>
public sealed class EvaluatorKey;

/// <summary>Deletes artefacts that nobody needs; on nodes with the trainer role, a cluster-aware router elsewhere.</summary>
public sealed class SweeperKey;

/// <summary>Which entities cannot be read, over all nodes; on every node.</summary>
public sealed class UnreadableKey;
