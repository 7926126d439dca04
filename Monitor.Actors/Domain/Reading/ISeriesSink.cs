using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>Makes an answer of what a reading comes upon.</summary>
public interface ISeriesSink
{
    /// <summary>Nothing more has room: the reading may end.</summary>
    bool IsFull { get; }

    /// <summary>The coarsest tier that it can be made of.</summary>
    Tier Tier { get; }

    /// <param name="steps">Of a tier that is not finer than asked for; else as <see cref="Add(Columns)"/>.</param>
    void Add(StepColumns steps);

    /// <param name="points">Of the metrics of the reading, in its order; later than all before.</param>
    void Add(Columns points);

    IWireMessage Reply();
}
