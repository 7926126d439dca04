using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ralm.Models.Networks;

/// <summary>How the seeds of a candidate become one vector.</summary>
public enum SeedPooling
{
    /// <summary>By the target user (local), and by themselves (global).</summary>
    Attention,

    /// <summary>Their mean: the baseline.</summary>
    Mean,
}

/// <summary>
/// Real-time attention-based look-alike model (Liu, Ge, Zhang, Lin, "Real-time Attention Based Look-alike Model for
/// Recommender System", KDD 2019): a candidate is known by its seeds, the users who responded to it, so that new seeds
/// change its scores without training.
/// </summary>
/// <remarks>
/// <para>Local attention: softmax(tanh(E_u W_l E_s')) E_s. Global attention, in the form the authors' erratum leaves usable:
/// softmax(w_g' tanh(W_g E_s')) E_s. The look-alike score is 0.7 and 0.3 of the two cosines; it is an input of the output
/// layer, beside both profiles, context and pair features.</para>
/// <para>Clusters weigh by their size (log n is added before the softmax), so that attention over clusters is attention over
/// their seeds. The look-alike inputs fade with few seeds, n / (n + prior), instead of being cut off below a hundred: what
/// remains is the cold-start path, the same network on profiles, context and pairs; a tenth of the training rows show it
/// no seeds, so that it stays good at people nobody knows yet.</para>
/// <para>Local attention compares directions, and a learned factor sharpens its tanh; docs/models.md says why.</para>
/// </remarks>
public sealed class RalmModel : ISeededModel
{
    public const string Name = "Ralm";

    public const string MeanPooledName = "MeanPooledSeeds";

    private const int OutputWidth = 64;
    private const double Local = 0.7;
    private const double Norm = 1e-3;
    private const float Sharpness = 4;

    /// <summary>Cosines differ by little; other inputs by about one.</summary>
    private const double Gain = 3;

    /// <summary>Share of training rows that show no seeds.</summary>
    private const float Unseeded = 0.1f;

    /// <summary>
    /// Places for what a candidate's features do not tell. Only phase 1 looks there, as the paper's does: people who respond
    /// to the same candidates come out alike, whatever is known of the candidates.
    /// </summary>
    private const int Names = 4_096;

    /// <summary>Score, both cosines, faded; log count; weight.</summary>
    private const int SideWidth = 5;

    private readonly InputShape _shape;
    private readonly SeedPooling _pooling;
    private readonly PeopleEncoder _users;
    private readonly PeopleEncoder _items;
    private readonly float _rate;
    private readonly float _prior;

    public RalmModel(ModelConfig config, InputShape shape, SeedPooling pooling)
    {
        (_shape, _pooling) = (shape, pooling);
        (RepresentationWidth, Clusters) = (config.TowerDim, config.SeedClusters);
        (_rate, _prior) = (Math.Max(0, config.Dropout), config.SeedPrior);
        _users = new PeopleEncoder("user", shape.UserFields, RepresentationWidth);
        _items = new PeopleEncoder("item", shape.ItemFields, RepresentationWidth);
        var width = RepresentationWidth;
        var representation = _items
            .AddTo(_users.AddTo(ParameterLayout.Empty))
            .With("item.name", 1 / MathF.Sqrt(RepresentationWidth), Names, RepresentationWidth);
        RepresentationLength = representation.Length;
        LookAlikeWidth = (shape.Reciprocal ? 2 : 1) * SideWidth;
        var wide = shape.Context + LookAlikeWidth;
        var lookAlike = representation
            .WithCentred("transform", width, width)
            .WithDiagonal("transform.slope", 0.25f, 1)
            .WithDiagonal("local.weight", 1, width, width)
            .WithDiagonal("local.sharpness", Sharpness, 1)
            .With("global.weight", 1 / MathF.Sqrt(width), width, width)
            .With("global.query", 1 / MathF.Sqrt(width), width);
        LookAlikeLength = lookAlike.Length;
        Layout = lookAlike
            .WithLinear("profile.user", shape.User, width)
            .WithLinear("profile.item", shape.Item, width)
            .WithLinear("output.0", (3 * width) + wide, OutputWidth)
            .WithLinear("output.3", OutputWidth, 1)
            .With("wide.weight", 0, 1, wide);
    }

    public ParameterLayout Layout { get; }

    public int RepresentationLength { get; }

    public int LookAlikeLength { get; }

    public int LookAlikeWidth { get; }

    public int RepresentationWidth { get; }

    public int Clusters { get; }

    public Tensor Represent(ParameterSet weights, Tensor users) => _users.Encode(weights, users, null, 0);

    /// <summary>Of directions, brought to numbers of about one.</summary>
    public Tensor Transform(ParameterSet weights, Tensor representations)
    {
        var weight = weights["transform.weight"].Times(Math.Sqrt(RepresentationWidth));
        var x = linear(Unit(representations), weight, weights["transform.bias"]);
        // PReLU, as the authors use; the slope starts at a quarter, as He et al. 2015 begin. libtorch's own takes three
        // times as long to differentiate by a slope that all numbers share.
        var positive = x.relu();
        return positive.PlusProduct(x - positive, weights["transform.slope"]);
    }

    public (Tensor Own, Tensor Drawn) Affinities(
        ParameterSet weights,
        Tensor users,
        Tensor candidates,
        Tensor names,
        Dropout? dropout
    )
    {
        var items = _items
            .Encode(weights, candidates, dropout, _rate)
            .Plus(weights["item.name"].index_select(0, names.Remainder(Names)));
        var asking = _users.Encode(weights, users, dropout, _rate);
        var rows = users.shape[0];
        var own = (asking * items.narrow(0, 0, rows)).sum(1);
        return (own, matmul(asking, items.narrow(0, rows, items.shape[0] - rows).t()));
    }

    public Tensor Affinity(ParameterSet weights, Tensor users, Tensor candidates) =>
        (_users.Encode(weights, users, null, 0) * _items.Encode(weights, candidates, null, 0)).sum(1);

    public Tensor Logits(ParameterSet weights, in ModelInput input, Dropout? dropout)
    {
        var lookAlike = input.LookAlike ?? LookAlike(weights, input);
        var shown = dropout is null ? lookAlike : lookAlike * dropout.Choice(lookAlike.shape[0], 1 - Unseeded);
        var wide = input.Context is null ? shown : cat([shown, input.Context], 1);
        var ofUser = linear(input.User, weights["profile.user.weight"], weights["profile.user.bias"]);
        var ofItem = linear(input.Item, weights["profile.item.weight"], weights["profile.item.bias"]);
        var deep = Drop(cat([ofUser, ofItem, ofUser * ofItem, wide], 1), dropout);
        var hidden = Drop(linear(deep, weights["output.0.weight"], weights["output.0.bias"]).relu(), dropout);
        return linear(hidden, weights["output.3.weight"], weights["output.3.bias"])
            .Plus(linear(wide, weights["wide.weight"]))
            .view(-1);
    }

    public ClusterView View(ParameterSet weights, Tensor centres, Tensor logSizes)
    {
        var s = Transform(weights, centres);
        var logits = _pooling == SeedPooling.Mean ? logSizes : Global(weights, s).Plus(logSizes);
        return new ClusterView(s, Length(s).squeeze(-1), logSizes, logits);
    }

    public Tensor LookAlike(ParameterSet weights, Tensor target, ClusterView clusters, Tensor counts)
    {
        var asking = target / Length(target);
        // Local and global together: most of the time goes into reading the clusters.
        var logits =
            _pooling == SeedPooling.Mean
                ? clusters.Logits.unsqueeze(1)
                : stack([Asked(weights, asking, clusters), clusters.Logits], 1);
        var pooled = matmul(logits.softmax(-1), clusters.Compared);
        var cosines = (pooled * asking.unsqueeze(1)).sum(-1) / Length(pooled).squeeze(-1);
        var local = cosines.narrow(1, 0, 1);
        var global = cosines.narrow(1, cosines.shape[1] - 1, 1);
        var weight = counts / counts.Plus(_prior);
        return cat(
            [
                (local.Times(Local).Plus(global.Times(1 - Local)) * weight).Times(Gain),
                (local * weight).Times(Gain),
                (global * weight).Times(Gain),
                counts.Plus(1).log().Times(1 / 3.0),
                weight,
            ],
            1
        );
    }

    /// <summary>Of the candidate's seeds for the user and, where candidates are users, the other way round.</summary>
    private Tensor LookAlike(ParameterSet weights, in ModelInput input)
    {
        var ofItem = LookAlike(weights, input.UserSeen ?? Frozen(weights, input.User), input.ItemSeeds!);
        return _shape.Reciprocal
            ? cat([ofItem, LookAlike(weights, input.ItemSeen ?? Frozen(weights, input.Item), input.UserSeeds!)], 1)
            : ofItem;
    }

    private Tensor LookAlike(ParameterSet weights, Tensor seen, SeedInput seeds) =>
        LookAlike(weights, Transform(weights, seen), View(weights, seeds.Centres, seeds.LogSizes), seeds.Counts);

    /// <summary>As phase 1 has made it.</summary>
    private Tensor Frozen(ParameterSet weights, Tensor people)
    {
        using var frozen = no_grad();
        return Represent(weights, people);
    }

    /// <summary>How much each cluster has to say to who asks: rows × clusters. It compares directions.</summary>
    private static Tensor Asked(ParameterSet weights, Tensor asking, ClusterView clusters)
    {
        var asked = matmul(asking, weights["local.weight"]);
        // As products of many small matrices it would take four times as long to differentiate.
        var products =
            asked.shape[0] == 1
                ? matmul(clusters.Compared, asked.squeeze(0))
                : (clusters.Compared * asked.unsqueeze(1)).sum(-1);
        return ((products / clusters.Lengths).tanh() * weights["local.sharpness"]).Plus(clusters.LogSizes);
    }

    /// <summary>How much each cluster has to say to anybody, but for a number that is the same for all of a row.</summary>
    /// <remarks>tanh x = 2 sigmoid 2x - 1, which libtorch computes three times as fast; softmax does not see the -1.</remarks>
    private static Tensor Global(ParameterSet weights, Tensor s) =>
        matmul(matmul(s, weights["global.weight"].t().Times(2)).sigmoid(), weights["global.query"].Times(2));

    /// <summary>Along the last dimension; what is zero stays near it.</summary>
    private static Tensor Unit(Tensor x) => normalize(x, 2, -1, Norm);

    /// <summary>Bounded before the root, whose slope at zero has no end.</summary>
    private static Tensor Length(Tensor x) => (x * x).sum(-1, keepdim: true).AtLeast(Norm * Norm).sqrt();

    private Tensor Drop(Tensor x, Dropout? dropout) =>
        dropout is null || _rate == 0 ? x : x * dropout.Mask(x.shape[0], x.shape[1], _rate);
}
