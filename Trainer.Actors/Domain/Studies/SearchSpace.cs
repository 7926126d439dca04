using System.Collections.Immutable;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>All parameters of a study. Not every combination can be trained (widths must divide): those that cannot are skipped.</summary>
public sealed class SearchSpace(StudyDefinition definition)
{
    private const int Draws = 100;

    public ImmutableArray<SearchRange> Ranges { get; } = [.. definition.Parameters.Select(SearchRange.Of)];

    /// <summary>Combinations of a grid, those that cannot be trained included; at most <see cref="long.MaxValue"/>.</summary>
    public long GridSize =>
        Ranges.Aggregate(1L, (size, r) => size > long.MaxValue / r.GridSize ? long.MaxValue : size * r.GridSize);

    /// <summary>The configuration of a trial, every default written out.</summary>
    public TrainingConfig Config(IEnumerable<ParameterValue> parameters, ulong seed) =>
        ConfigRules.Complete(Written(parameters, seed));

    public bool CanTrain(IReadOnlyList<ParameterValue> parameters) => Check(parameters) is null;

    /// <summary>What a run would answer to these values; a value that means something else in its field is refused too.</summary>
    public Rejection? Check(IReadOnlyList<ParameterValue> parameters)
    {
        var config = Written(parameters, 0);
        var refused = TrainingRules.Check(
            new StartTraining
            {
                DatasetPath = definition.DatasetPath,
                DatasetHash = definition.DatasetHash,
                Config = config,
            }
        );
        if (refused is not null)
        {
            return refused;
        }

        var complete = ConfigRules.Complete(config);
        foreach (var value in parameters)
        {
            var path = ParameterPath.Find(value.Path, out _)!;
            if (path.Get(complete) is var meant && !Equals(meant, path.Read(value)))
            {
                return Rejections.Invalid($"config.{value.Path}", path.Read(value), $"means {meant} here");
            }
        }

        return null;
    }

    /// <summary>A point drawn uniformly; the last one tried when none of many can be trained.</summary>
    public ImmutableArray<ParameterValue> Draw(UnitSequence random)
    {
        ImmutableArray<ParameterValue> point = [];
        for (var draw = 0; draw < Draws; draw++)
        {
            point = [.. Ranges.Select(r => r.At(random.Next()))];
            if (CanTrain(point))
            {
                break;
            }
        }

        return point;
    }

    /// <summary>One of the <see cref="GridSize"/> combinations, from 0; the last parameter changes first.</summary>
    public ImmutableArray<ParameterValue> GridAt(long place)
    {
        var point = new ParameterValue[Ranges.Length];
        for (var k = Ranges.Length - 1; k >= 0; k--)
        {
            point[k] = Ranges[k].GridAt(place % Ranges[k].GridSize);
            place /= Ranges[k].GridSize;
        }

        return [.. point];
    }

    private TrainingConfig Written(IEnumerable<ParameterValue> parameters, ulong seed)
    {
        var config = definition.Config?.Clone() ?? new TrainingConfig();
        config.RandomSeed = seed;
        foreach (var value in parameters)
        {
            var path = ParameterPath.Find(value.Path, out _)!;
            path.Set(config, path.Read(value)!);
        }

        return config;
    }
}
