using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Monitoring;

/// <summary>What the <c>collector</c> region routes.</summary>
public interface ICollectorMessage : IEntityMessage
{
    string SourceId { get; }

    string IEntityMessage.EntityId => SourceId;
}

public sealed partial class RecordMetrics : ICollectorMessage, ICommand;

public sealed partial class SetRules : ICollectorMessage, ICommand;

public sealed partial class SilenceAlert : ICollectorMessage, ICommand;

public sealed partial class LiftSilence : ICollectorMessage, ICommand;

public sealed partial class AcknowledgeAlert : ICollectorMessage, ICommand;

public sealed partial class TestNotifications : ICollectorMessage, ICommand;

public sealed partial class TellAlert : ICollectorMessage, ICommand;

public sealed partial class MetricsRecorded : IEvent;

public sealed partial class RulesSet : IEvent;

public sealed partial class AlertChanged : IEvent;

public sealed partial class AlertSilenced : IEvent;

public sealed partial class SilenceLifted : IEvent;

public sealed partial class NoticeTold : IEvent;

public sealed partial class AlertAcknowledged : IEvent;

public sealed partial class NotificationsTested : IEvent;

public sealed partial class GetSeries : ICollectorMessage, IQuery;

public sealed partial class SeriesReply : IWireMessage;

public sealed partial class GetManySeries : ICollectorMessage, IQuery;

public sealed partial class ManySeriesReply : IWireMessage;

public sealed partial class GetSilences : ICollectorMessage, IQuery;

public sealed partial class SilencesReply : IWireMessage;

public sealed partial class GetAlerts : ICollectorMessage, IQuery;

public sealed partial class AlertsReply : IWireMessage;

public sealed partial class GetHealth : ICollectorMessage, IQuery;

public sealed partial class HealthReply : IWireMessage;

public sealed partial class CollectorSnapshot : IWireMessage;
