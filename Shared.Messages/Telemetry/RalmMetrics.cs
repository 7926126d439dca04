using System.Diagnostics.Metrics;

namespace RalmActors.Messages.Telemetry;

/// <summary>
/// Every metric of the application, by name, unit and meaning: the one source of names. Our own collector, <c>/metrics</c> and OTLP
/// read them from here. What the process does is counted process-wide; what is true of a node alone is observed on the node's own
/// meter of the same name.
/// </summary>
public static class RalmMetrics
{
    public const string MeterName = "RalmActors";

    private static readonly Meter Meter = new(MeterName);
    private static readonly List<MetricDefinition> Defined = [];

    // Commands and events, counted by the shell of all entities.
    public static readonly Counter<long> Commands = Counter(
        "ralm.commands",
        "{command}",
        "Commands that entities answered, by how",
        "region",
        "outcome"
    );

    public static readonly Counter<long> Events = Counter(
        "ralm.events",
        "{event}",
        "Events that the journal has taken, by name: interactions, exposures, verdicts, promotions and all others",
        "event"
    );

    public static readonly Histogram<double> JournalWriteTime = Histogram(
        "ralm.journal.write.duration",
        "s",
        "From handing events to the journal until its entity hears that they are stored"
    );

    public static readonly UpDownCounter<long> JournalWaiting = UpDown(
        "ralm.journal.writes.waiting",
        "{write}",
        "Writes that the journal has not answered yet"
    );

    public static readonly Counter<long> JournalFailures = Counter(
        "ralm.journal.failures",
        "{write}",
        "Writes that the journal refused or failed"
    );

    public static readonly Counter<long> RecoveryFailures = Counter(
        "ralm.recovery.failures",
        "{attempt}",
        "Attempts to read an entity from the journal that failed",
        "region"
    );

    // Learning.
    public static readonly Counter<long> SamplesAccepted = Counter(
        "ralm.samples.accepted",
        "{sample}",
        "Samples of acknowledged interactions, once for each lineage that is to learn them"
    );

    public static readonly UpDownCounter<long> SamplesPending = UpDown(
        "ralm.samples.pending",
        "{sample}",
        "Samples in the buffers of users in memory that are still owed to a lineage or a candidate"
    );

    public static readonly Counter<long> SamplesBatched = Counter(
        "ralm.samples.batched",
        "{sample}",
        "Samples in mini-batches that the journals of lineages have"
    );

    public static readonly Counter<long> SamplesLearned = Counter(
        "ralm.samples.learned",
        "{sample}",
        "Samples that trainers applied; those since a checkpoint again after a restart"
    );

    public static readonly KeyedCounter LineagePassedOver = KeyedCounter(
        "ralm.lineage.samples.passed_over",
        "{sample}",
        "Samples that do not fit the schema of the lineage's model",
        "lineage"
    );

    public static readonly KeyedCounter LineageSetAside = KeyedCounter(
        "ralm.lineage.samples.set_aside",
        "{sample}",
        "Samples of batches that the lineage could not learn",
        "lineage"
    );

    public static readonly KeyedCounter LineageAlarms = KeyedCounter(
        "ralm.lineage.alarms",
        "{alarm}",
        "Times that predictions of the lineage became worse",
        "lineage"
    );

    public static readonly KeyedCounter LineageFellBehind = KeyedCounter(
        "ralm.lineage.fell_behind",
        "{time}",
        "Times that the lineage was worse than the version it started from, and was rolled back and paused",
        "lineage"
    );

    public static readonly KeyedGauge LineageLoss = Keyed(
        "ralm.lineage.loss",
        "",
        "Prequential log loss: of each batch before it is learned, the newest weighing most",
        "lineage"
    );

    public static readonly KeyedGauge LineageLag = Keyed(
        "ralm.lineage.lag",
        "{batch}",
        "Mini-batches that are journaled and not yet applied",
        "lineage"
    );

    public static readonly KeyedGauge LineageTrouble = Keyed(
        "ralm.lineage.trouble",
        "",
        "1: the lineage cannot learn now, GET /training/lineages/{id} says why; else 0",
        "lineage"
    );

    public static readonly KeyedGauge LineageBehind = Keyed(
        "ralm.lineage.behind",
        "",
        "1: it fell behind the version it started from, was rolled back, and is paused; else 0",
        "lineage"
    );

    public static readonly KeyedGauge LineageDrift = Keyed(
        "ralm.lineage.drift",
        "",
        "1: a drift alarm is open; else 0",
        "lineage"
    );

    // Serving.
    public static readonly Histogram<double> ScoreTime = Histogram(
        "ralm.score.duration",
        "s",
        "What a scoring worker took for a request"
    );

    public static readonly Counter<long> Scores = Counter(
        "ralm.scores",
        "{candidate}",
        "Candidates scored, and of requests refused",
        "outcome"
    );

    public static readonly Counter<long> Assignments = Counter(
        "ralm.assignments",
        "{assignment}",
        "Units assigned to an arm of an experiment: by a scorer for a request, or when asked",
        "by"
    );

    // Experiments.
    public static readonly KeyedGauge SplitBroken = Keyed(
        "ralm.experiment.split.broken",
        "",
        "1: the shares of the arms are not those that were set, and no verdict is given; else 0",
        "experiment"
    );

    // Of a node.
    public static readonly MetricDefinition UnreadableEntities = Gauge(
        "ralm.unreadable.entities",
        "{entity}",
        "Entities of this node that cannot be read from the journal; GET /training/health/unreadable names them"
    );

    public static readonly MetricDefinition Health = Gauge(
        "ralm.health",
        "",
        "Readiness checks of the node: 1 is healthy, 0.5 degraded, 0 unhealthy; /health/ready says why",
        "check"
    );

    public static readonly MetricDefinition Members = Gauge(
        "ralm.cluster.members",
        "{node}",
        "Members of the cluster as this node sees it",
        "status"
    );

    public static readonly MetricDefinition Unreachable = Gauge(
        "ralm.cluster.unreachable",
        "{node}",
        "Members that this node cannot reach"
    );

    public static readonly MetricDefinition Shards = Gauge(
        "ralm.shards",
        "{shard}",
        "Shards of the region on this node",
        "region"
    );

    public static readonly MetricDefinition Entities = Gauge(
        "ralm.entities",
        "{entity}",
        "Entities of the region in memory on this node",
        "region"
    );

    public static readonly MetricDefinition Mailbox = Gauge(
        "ralm.region.mailbox",
        "{message}",
        "Messages that wait for the region on this node",
        "region"
    );

    public static readonly MetricDefinition DeadLetters = CounterOf(
        "ralm.dead_letters",
        "{message}",
        "Messages of this node that nobody took"
    );

    public static readonly MetricDefinition WriterQueue = Gauge(
        "ralm.sqlite.queue",
        "{row}",
        "Rows that wait for the writer of the SQLite file"
    );

    public static readonly MetricDefinition ClockSkew = Gauge(
        "ralm.clock.skew",
        "s",
        "How far this node's clock and the database's are apart, either way, less what asking took"
    );

    public static readonly MetricDefinition CertificateLeft = Gauge(
        "ralm.certificate.left",
        "s",
        "Until the node's certificate ends; only where there is one"
    );

    public static readonly MetricDefinition Threads = Gauge("process.threads", "{thread}", "Threads of the process");

    public static readonly MetricDefinition Handles = Gauge(
        "process.open_handles",
        "{handle}",
        "Open files, sockets and other handles of the process"
    );

    public static readonly MetricDefinition Uptime = Gauge("process.uptime", "s", "Since the process started");

    /// <summary>All of them, in the order of this file.</summary>
    public static IReadOnlyList<MetricDefinition> All => Defined;

    /// <summary>One of ours that is told without labels.</summary>
    public static bool IsUnlabelled(Instrument instrument) =>
        instrument.Meter.Name == MeterName && Defined.Exists(d => d.Name == instrument.Name && d.Labels.Count == 0);

    private static Counter<long> Counter(string name, string unit, string description, params string[] labels) =>
        Meter.CreateCounter<long>(Define(name, MetricKind.Counter, unit, description, labels).Name, unit, description);

    private static UpDownCounter<long> UpDown(string name, string unit, string description) =>
        Meter.CreateUpDownCounter<long>(Define(name, MetricKind.Gauge, unit, description).Name, unit, description);

    private static Histogram<double> Histogram(string name, string unit, string description) =>
        Meter.CreateHistogram<double>(Define(name, MetricKind.Histogram, unit, description).Name, unit, description);

    private static KeyedGauge Keyed(string name, string unit, string description, string label) =>
        new(Meter, Define(name, MetricKind.Gauge, unit, description, label));

    private static KeyedCounter KeyedCounter(string name, string unit, string description, string label) =>
        new(Meter, Define(name, MetricKind.Counter, unit, description, label));

    private static MetricDefinition Gauge(string name, string unit, string description, params string[] labels) =>
        Define(name, MetricKind.Gauge, unit, description, labels);

    private static MetricDefinition CounterOf(string name, string unit, string description) =>
        Define(name, MetricKind.Counter, unit, description);

    private static MetricDefinition Define(
        string name,
        MetricKind kind,
        string unit,
        string description,
        params string[] labels
    )
    {
        var defined = new MetricDefinition(name, kind, unit, description, labels);
        Defined.Add(defined);
        return defined;
    }
}
