using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Networks;

/// <summary>One mini-batch's inputs, rows × width each.</summary>
/// <param name="Context"><c>null</c> when the shape has no context.</param>
/// <param name="ItemSeeds">Who responded to the candidate; <c>null</c> for a model without seeds.</param>
/// <param name="UserSeeds">Who responded to the user; only where candidates are users.</param>
/// <param name="LookAlike">What the model made of the seeds earlier; they are not looked at then.</param>
/// <param name="UserSeen">The users' representations; <c>null</c>: they are computed.</param>
/// <param name="ItemSeen">Those of candidates that are users.</param>
public readonly record struct ModelInput(
    Tensor User,
    Tensor Item,
    Tensor? Context,
    SeedInput? ItemSeeds = null,
    SeedInput? UserSeeds = null,
    Tensor? LookAlike = null,
    Tensor? UserSeen = null,
    Tensor? ItemSeen = null
);

/// <summary>Seeds, brought together in clusters.</summary>
/// <param name="Centres">rows × clusters × width: the mean representation of a cluster's seeds.</param>
/// <param name="LogSizes">rows × clusters: log of the seeds in it; hugely negative for an empty cluster.</param>
/// <param name="Counts">rows × 1: seeds in all clusters.</param>
public sealed record SeedInput(Tensor Centres, Tensor LogSizes, Tensor Counts);

/// <summary>
/// What a model makes of clusters whoever asks: of each cluster by its own seeds and the look-alike weights alone, so that
/// clusters can be viewed in any arrangement, one of rows × clusters or a single row of all.
/// </summary>
/// <param name="Compared">arrangement × width: centres as users are compared with them.</param>
/// <param name="Lengths">Their Euclidean norms, above 0.</param>
/// <param name="LogSizes">Those of <see cref="SeedInput"/>.</param>
/// <param name="Logits">Their softmax over a candidate's clusters is the share of each where nobody in particular asks.</param>
public sealed record ClusterView(Tensor Compared, Tensor Lengths, Tensor LogSizes, Tensor Logits);

/// <summary>
/// A ranking model: a layout of parameters and a function from parameters and inputs to logits. It holds no state, so the
/// same object serves any number of trainings and threads. A new model needs this interface and one line in
/// <see cref="RankingModels"/>.
/// </summary>
public interface IRankingModel
{
    ParameterLayout Layout { get; }

    /// <summary>One logit per row: the log odds of the outcome wished for.</summary>
    /// <param name="dropout"><c>null</c> when evaluating or serving.</param>
    Tensor Logits(ParameterSet weights, in ModelInput input, Dropout? dropout);
}

/// <summary>
/// A model that knows candidates by their seeds. It is trained in two phases: first the representation of people, which is
/// then frozen, then the ranking on top of it.
/// </summary>
public interface ISeededModel : IRankingModel
{
    /// <summary>The first parameters of the layout, that many numbers, are the representation's.</summary>
    int RepresentationLength { get; }

    /// <summary>The first parameters, representation included, that all numbers made of seeds depend on.</summary>
    int LookAlikeLength { get; }

    /// <summary>Numbers made of the seeds of one row, of one or both sides; all zero where there are none.</summary>
    int LookAlikeWidth { get; }

    /// <summary>Numbers that represent one user.</summary>
    int RepresentationWidth { get; }

    /// <summary>Clusters the seeds of one candidate are brought into.</summary>
    int Clusters { get; }

    /// <summary>Users of rows × user width, as rows × <see cref="RepresentationWidth"/>.</summary>
    Tensor Represent(ParameterSet weights, Tensor users);

    /// <summary>Representations as the look-alike comparison sees them: what seeds are clustered by.</summary>
    Tensor Transform(ParameterSet weights, Tensor representations);

    /// <summary>The part of the look-alike that does not depend on who asks.</summary>
    /// <param name="centres">arrangement × width.</param>
    /// <param name="logSizes">In the same arrangement.</param>
    ClusterView View(ParameterSet weights, Tensor centres, Tensor logSizes);

    /// <summary>The rest of it, of one side: rows × <see cref="LookAlikeWidth"/>, or half of it where there are two sides.</summary>
    /// <param name="target">rows × width, transformed: who is compared with the seeds of each row; a single row for all.</param>
    /// <param name="clusters">rows × clusters.</param>
    /// <param name="counts">rows × 1: seeds in all clusters.</param>
    Tensor LookAlike(ParameterSet weights, Tensor target, ClusterView clusters, Tensor counts);

    /// <summary>Affinities as phase 1 learns them: of each user to its own candidate, and to each of those drawn.</summary>
    /// <param name="candidates">Those of the users, one each, then those drawn.</param>
    /// <param name="names">Per candidate, a number that is its own.</param>
    /// <returns>rows, and rows × drawn.</returns>
    (Tensor Own, Tensor Drawn) Affinities(
        ParameterSet weights,
        Tensor users,
        Tensor candidates,
        Tensor names,
        Dropout? dropout
    );

    /// <summary>Affinity of each row's user to its candidate.</summary>
    Tensor Affinity(ParameterSet weights, Tensor users, Tensor candidates);
}
