using System.Collections.Immutable;
using System.Numerics.Tensors;
using Ralm.Models.Artifacts;
using Ralm.Models.Networks;
using Ralm.Models.Optimizers;
using Ralm.Models.Seeds;
using Ralm.Models.Tensors;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Calibration;
using RalmActors.Messages.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace Ralm.Models.Training;

/// <summary>The loss is not a number any more: the weights are lost.</summary>
public sealed class DivergedException : Exception
{
    public DivergedException(string message)
        : base(message) { }

    public DivergedException(string message, Exception inner)
        : base(message, inner) { }

    public DivergedException()
        : base("the loss is not a finite number; a lower learning rate may help") { }
}

/// <summary>A model that learns: weights, gradients and optimiser on one device.</summary>
internal sealed partial class Learner : IDisposable
{
    /// <summary>Taken off what must not count: nothing is left of it.</summary>
    public const float Excluded = 1e9f;

    private readonly IRankingModel _model;
    private readonly ParameterSet _weights;
    private readonly Dropout _dropout;
    private readonly BatchBuffer _batch;
    private readonly InputShape _shape;
    private IOptimizer _optimizer;
    private float _clipNorm;
    private Range _part;
    private readonly int _rankingFrom;
    private readonly bool _online;

    /// <param name="online">What was made of seeds is given, and not learned: only the ranking on top of it is.</param>
    public Learner(ModelConfig model, OptimizerConfig optimizer, InputShape shape, string device, bool online = false)
    {
        var on = Devices.Parse(device);
        _model = RankingModels.Create(model, shape);
        _weights = new ParameterSet(_model.Layout, on, trainable: true);
        _optimizer = Optimizer.Create(optimizer, _weights);
        _clipNorm = optimizer.ClipNorm;
        _dropout = new Dropout(on);
        _shape = shape;
        _online = online;
        _batch = new BatchBuffer(shape, Seeded, on, made: online);
        _rankingFrom = online ? Seeded?.LookAlikeLength ?? 0 : Seeded?.RepresentationLength ?? 0;
    }

    /// <summary>The model, if it knows candidates by their seeds.</summary>
    public ISeededModel? Seeded => _model as ISeededModel;

    /// <summary>Of rows with label 1 in the loss.</summary>
    public float PositiveWeight { get; init; } = 1;

    /// <summary>Of the probabilities that are told. Online, what of it is a line is learned through: see <see cref="Backward(int, ulong?, Span{float})"/>.</summary>
    public ScoreCalibration Calibration { get; init; } = ScoreCalibration.None;

    public void Initialise(ulong seed) => _weights.Initialise(seed);

    /// <summary>Weights of the artefact; its optimiser too, when asked for and it is of the same kind.</summary>
    /// <exception cref="ArtifactException">The tensors are not those of this model.</exception>
    public void Restore(ModelArtifact artifact, bool withOptimizer)
    {
        ModelTensors.Assign(_weights.Layout, artifact.Weights, "", _weights.Values);
        if (!withOptimizer)
        {
            return;
        }

        if (artifact.Cursor is not { } cursor || cursor.Optimizer != _optimizer.Name)
        {
            throw new ArtifactException(
                $"the checkpoint's optimiser is {artifact.Cursor?.Optimizer ?? "missing"}, not {_optimizer.Name}"
            );
        }

        _optimizer.Steps = cursor.Steps;
        foreach (var (suffix, state) in _optimizer.State)
        {
            ModelTensors.Assign(_weights.Layout, artifact.State, $".{suffix}", state);
        }
    }

    public ModelArtifact ToArtifact(ModelCard card, long epoch) =>
        new(
            card,
            ModelTensors.Read(_weights.Layout, "", _weights.Values),
            [.. _optimizer.State.SelectMany(s => ModelTensors.Read(_weights.Layout, $".{s.Key}", s.Value))],
            new TrainingCursor(_optimizer.Name, _optimizer.Steps, epoch)
        );

    /// <param name="clusters">Room for so many clusters of either side's seeds in each row.</param>
    public BatchTarget Target(int rows, (int OfCandidate, int OfUser)? clusters = null) =>
        _batch.Target(rows, clusters);

    public void WriteSeeds(int row, SeedTable? seeds, int user, int candidate, long before) =>
        _batch.WriteSeeds(row, seeds, user, candidate, before);

    public void WriteLookAlike(int row, ReadOnlySpan<float> numbers) => _batch.WriteLookAlike(row, numbers);

    /// <summary>Names what the numbers made of seeds depend on; see <see cref="LookAlikes"/>.</summary>
    public uint LookAlikeTag => LookAlikes.Tag(Seeded!, _weights);

    /// <summary>The gradient over the rows written to the target; their mean log loss. A step then takes it.</summary>
    /// <param name="dropoutSeed"><c>null</c> drops nothing.</param>
    /// <param name="logOdds">Online: what the loss is of, row by row, where it is asked for.</param>
    /// <exception cref="DivergedException">The loss is not finite; the weights stay as they were.</exception>
    public double Backward(int rows, ulong? dropoutSeed, Span<float> logOdds = default) =>
        Backward(rows, dropoutSeed, logOdds, threshold: 0, rowWeights: [], out _);

    /// <inheritdoc cref="Backward(int, ulong?, Span{float})"/>
    /// <param name="threshold">Log loss below which a row has no part in the gradient; 0: each has.</param>
    /// <param name="rowWeights">How much each row counts beside one of weight 1; empty: all alike.</param>
    /// <param name="teaching">Rows that have a part.</param>
    public double Backward(
        int rows,
        ulong? dropoutSeed,
        Span<float> logOdds,
        double threshold,
        ReadOnlySpan<float> rowWeights,
        out int teaching
    )
    {
        using var scope = NewDisposeScope();
        var (input, labels) = _batch.Read(rows);
        var logits = _model.Logits(_weights, input, _dropout.Of(dropoutSeed));
        logits = _online ? FrozenModel.OnLine(logits, Calibration) : logits;
        if (!logOdds.IsEmpty)
        {
            FlatVector.Read(logits.detach(), logOdds[..rows]);
        }

        var weights = PositiveWeight == 1 ? null : tensor(PositiveWeight, device: _weights.Values.device);
        teaching = rows;
        if (threshold == 0 && rowWeights.IsEmpty)
        {
            return Backward(binary_cross_entropy_with_logits(logits, labels, pos_weights: weights), _rankingFrom..);
        }

        var chosen = TeachingRows.Above(threshold, logOdds[..rows], FlatVector.Read(labels), rowWeights);
        teaching = chosen.Count;
        var shares = tensor(chosen.Shares, device: _weights.Values.device);
        Backward(binary_cross_entropy_with_logits(logits, labels, shares, pos_weights: weights), _rankingFrom..);
        return chosen.MeanLoss;
    }

    /// <summary>
    /// The gradient of the representation: softmax over the row's candidate and those drawn, each corrected by how often it
    /// is drawn (Bengio and Senecal 2008), so that popular candidates are not pushed away for being drawn often.
    /// </summary>
    /// <param name="users">rows × user width.</param>
    /// <param name="candidates">Those of the rows, then those drawn: × candidate width.</param>
    /// <param name="names">Per candidate, a number that is its own.</param>
    /// <param name="logChances">Per row's candidate, log of its chance to be drawn.</param>
    /// <param name="corrections">rows × drawn: the same of each that is drawn, or <see cref="Excluded"/> where it is one that
    /// responded and must not count.</param>
    public double BackwardRepresentation(
        float[] users,
        float[] candidates,
        long[] names,
        float[] logChances,
        float[] corrections,
        ulong dropoutSeed
    )
    {
        using var scope = NewDisposeScope();
        var device = _weights.Values.device;
        var rows = users.Length / _shape.User;
        var (own, drawn) = Seeded!.Affinities(
            _weights,
            On(users, rows),
            On(candidates, names.Length),
            tensor(names, device: device),
            _dropout.Of(dropoutSeed)
        );
        var all = cat([(own - tensor(logChances, device: device)).unsqueeze(1), drawn - On(corrections, rows)], 1);
        var loss = -all.log_softmax(1).select(1, 0).mean();
        return Backward(loss, ..Seeded.RepresentationLength);

        Tensor On(float[] values, int count) => tensor(values, device: device).view(count, -1);
    }

    /// <summary>Representations of users and what the look-alike makes of them; users × width each.</summary>
    /// <param name="users">users × user width.</param>
    public void Represent(ReadOnlySpan<float> users, Span<float> representations, Span<float> transformed)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var people = tensor(users.ToArray(), device: _weights.Values.device).view(-1, _shape.User);
        var represented = Seeded!.Represent(_weights, people);
        FlatVector.Read(represented).CopyTo(representations);
        FlatVector.Read(Seeded.Transform(_weights, represented)).CopyTo(transformed);
    }

    /// <summary>Where the ranking begins, the optimiser begins anew.</summary>
    public void RestartOptimizer() => _optimizer.Steps = 0;

    /// <summary>Probabilities of the rows written to the target.</summary>
    /// <param name="logOdds">The model's own, where they are asked for.</param>
    /// <param name="representation">By the representation alone, before any seed is known; nothing calibrates it.</param>
    public void Score(int rows, Span<float> probabilities, Span<float> logOdds = default, bool representation = false)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (input, _) = _batch.Read(rows);
        var logits = representation
            ? Seeded!.Affinity(_weights, input.User, input.Item)
            : _model.Logits(_weights, input, dropout: null);
        CalibratedScores.Write(logits, representation ? ScoreCalibration.None : Calibration, probabilities[..rows]);
        if (!logOdds.IsEmpty)
        {
            FlatVector.Read(logits, logOdds[..rows]);
        }
    }

    /// <summary>One step of the optimiser along the gradient; the gradient's norm before it was clipped.</summary>
    /// <param name="share">Of the learning rate.</param>
    /// <exception cref="DivergedException">The gradient is not finite; the weights stay as they were.</exception>
    public double Step(double share = 1)
    {
        var norm = WeightBounds.Clip(_weights, _part, _clipNorm);
        _optimizer.Step(_weights, _part, share);
        return norm;
    }

    /// <summary>No rows, no gradient; but a step of this phase may follow.</summary>
    public void BackwardNothing(bool representation)
    {
        var split = Seeded?.RepresentationLength ?? 0;
        _part = representation ? ..split : split..;
    }

    /// <summary>Numbers of a gradient at most.</summary>
    public int Parameters => _weights.Layout.Length;

    /// <summary>The gradient that the next step takes; how many numbers.</summary>
    public int ReadGradient(Span<float> to)
    {
        using var scope = NewDisposeScope();
        var (from, length) = Part;
        FlatVector.Read(_weights.Gradients!.narrow(0, from, length), to);
        return length;
    }

    /// <summary>Puts another in its place.</summary>
    public void WriteGradient(ReadOnlySpan<float> values)
    {
        using var scope = NewDisposeScope();
        var (from, length) = _part.GetOffsetAndLength(Parameters);
        FlatVector.Write(_weights.Gradients!.narrow(0, from, length), values);
    }

    private double Backward(Tensor loss, Range part)
    {
        _part = part;
        var value = loss.item<float>();
        if (!float.IsFinite(value))
        {
            throw new DivergedException();
        }

        loss.backward();
        return value;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _dropout.Dispose();
        _optimizer.Dispose();
        _weights.Dispose();
    }
}
