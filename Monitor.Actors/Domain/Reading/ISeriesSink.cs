using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>Makes an answer of what a reading comes upon.</summary>
public interface ISeriesSink
{
    /// <summary>Nothing more has room: the reading may end.</summary>
    bool IsFull { get; }

    /// <param name="points">Of the metrics of the reading, in its order; later than all before.</param>
    void Add(Columns points);

    IWireMessage Reply();
}
