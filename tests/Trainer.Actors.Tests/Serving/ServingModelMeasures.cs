using System.Diagnostics;
using System.Globalization;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Models.Tensors;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using TorchSharp;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>
/// Where the time of a request goes, without actors. Figures, not verdicts; run by hand:
/// <c>Trainer.Actors.Tests -explicit only -class "*ServingModelMeasures" -showliveoutput</c>.
/// </summary>
public sealed class ServingModelMeasures(ITestOutputHelper output)
{
    private const int Rows = 1_000;
    private const int Turns = 200;
    private const int Stranger = 5_000;

    [Theory(Explicit = true)]
    [InlineData("TwoTowerMha", 0, Rows)]
    [InlineData("Ralm", 0, Rows)]
    [InlineData("Ralm", 10, 100)]
    [InlineData("Ralm", 10, Rows)]
    [InlineData("Ralm", 100, Rows)]
    public void One_user_and_a_thousand_candidates(string name, int seeds, int withSeeds)
    {
        var artifact = Untrained(name);
        using var model = new ServingModel(artifact, "cpu");
        var live = Live(model, seeds, withSeeds);
        var known = live is null ? null : new RequestSeeds(live.Value, null);
        var (ofStranger, ofSeed) = (Request(Stranger), Request(seeds / 2));
        Print($"{name}, {withSeeds} of {Rows} candidates with {seeds} seeds");

        Measure("everything kept", () => model.Score(ofStranger, known));
        Measure(
            "nothing kept yet",
            () =>
            {
                foreach (var candidate in live ?? [])
                {
                    candidate!.Clusters.View = null;
                }

                model.Score(ofStranger, known);
            }
        );
        Measure("the user is a seed of all", () => model.Score(ofSeed, known));
        Measure("  of it: encoding", () => Encode(model, ofStranger));
        using var parts = new Parts(artifact, model);
        Measure("all anew: ranking", parts.Rank);
        if (live is not null)
        {
            Measure("all anew: writing clusters", () => parts.Write(live.Value));
            Measure("all anew: one side of people", parts.Represent);
            Measure("all anew: transform of seeds", parts.Transform);
        }
    }

    private static Score Request(int user) =>
        SeededData.Request(user, "r-1", Enumerable.Range(0, Rows).Select(k => $"c-{k}"));

    private static System.Collections.Immutable.ImmutableArray<LiveSeeds?>? Live(
        ServingModel model,
        int seeds,
        int rows
    ) =>
        model.Seeded is not { } seeded
            ? null
            :
            [
                .. Enumerable
                    .Range(0, Rows)
                    .Select(k =>
                        LiveSeeds.Of(
                            seeded.RepresentationWidth,
                            seeded.Clusters,
                            (ulong)k,
                            k >= rows ? [] : model.Represent([.. Enumerable.Range(0, seeds).Select(s => Seed(s, k))])
                        )
                    ),
            ];

    /// <summary>The same users everywhere; what they are like differs.</summary>
    private static Messages.Learning.Seed Seed(int user, int candidate) =>
        new() { UserId = SeededData.User(user), Features = SeededData.Profile(user + candidate) };

    private static void Encode(ServingModel model, Score request)
    {
        var schema = model.Schema;
        var (side, context) = (new float[schema.Candidate.Width * Rows], new float[InputShape.Of(schema).Context]);
        var user = schema.PrepareUser(request.UserId, request.User);
        for (var k = 0; k < Rows; k++)
        {
            var candidate = schema.PrepareCandidate(request.Candidates[k].CandidateId, request.Candidates[k].Features);
            candidate.Encoded.CopyTo(side.AsSpan(k * schema.Candidate.Width));
            schema.EncodeContext(request.Candidates[k].Context, user, candidate, context);
        }
    }

    /// <summary>The quickest of many: whatever else the machine does lengthens the others.</summary>
    private void Measure(string name, Action action)
    {
        var took = new double[Turns];
        var allocated = 0L;
        for (var k = -20; k < Turns; k++)
        {
            var (started, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            action();
            if (k >= 0)
            {
                took[k] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        took.Sort();
        Print($"  {name, -30}{took[0], 7:F2} ms, median {took[Turns / 2], 7:F2}; {allocated / Turns / 1_000, 6} kB");
    }

    private void Print(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static ModelArtifact Untrained(string model)
    {
        var config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Model = model },
                RandomSeed = 3,
            }
        );
        using var session = new TrainingSession(config, SeededData.Open(), null, "cpu");
        return session.Checkpoint(1, 0.5, 0.7);
    }

    private sealed class Parts : IDisposable
    {
        private readonly IRankingModel _model;
        private readonly ParameterSet _weights;
        private readonly BatchBuffer _batch;

        public Parts(ModelArtifact artifact, ServingModel model)
        {
            var shape = InputShape.Of(model.Schema);
            _model = RankingModels.Create(artifact.Card.Model, shape);
            _weights = new ParameterSet(_model.Layout, torch.CPU, trainable: false);
            ModelTensors.Assign(_weights.Layout, artifact.Weights, "", _weights.Values);
            _batch = new BatchBuffer(shape, _model as ISeededModel, torch.CPU);
            _batch.Target(Rows);
        }

        public void Write(IReadOnlyList<LiveSeeds?> seeds)
        {
            for (var k = 0; k < Rows; k++)
            {
                _batch.WriteSeeds(k, seeds[k], null, "somebody", "c");
            }
        }

        public void Rank()
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            FlatVector.Read(_model.Logits(_weights, _batch.Read(Rows).Input, dropout: null));
        }

        public void Represent()
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            FlatVector.Read(((ISeededModel)_model).Represent(_weights, _batch.Read(Rows).Input.User));
        }

        public void Transform()
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            FlatVector.Read(((ISeededModel)_model).Transform(_weights, _batch.Read(Rows).Input.ItemSeeds!.Centres));
        }

        public void Dispose()
        {
            _batch.Dispose();
            _weights.Dispose();
        }
    }
}
