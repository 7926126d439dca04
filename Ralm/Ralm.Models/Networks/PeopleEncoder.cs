using System.Collections.Immutable;
using Ralm.Models.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ralm.Models.Networks;

/// <summary>
/// Phase 1 of RALM (Liu, Ge, Zhang, Lin, KDD 2019): one embedding per feature field, merged by attention instead of being
/// laid side by side, then a small network. Multi-valued fields are mean-pooled by their encoding: shares that add up to 1.
/// </summary>
/// <remarks>The merge, with the authors' erratum: U = tanh(H W1), a = softmax(U w2) over fields, M = a' H.</remarks>
internal sealed class PeopleEncoder(string name, ImmutableArray<int> fields, int width)
{
    public ParameterLayout AddTo(ParameterLayout layout)
    {
        for (var k = 0; k < fields.Length; k++)
        {
            layout = layout.WithCentred($"{name}.field.{k}", fields[k], width);
        }

        return layout
            .With($"{name}.merge.w1", 1 / MathF.Sqrt(width), width, width)
            .With($"{name}.merge.w2", 1 / MathF.Sqrt(width), width)
            .WithCentred($"{name}.mlp.0", width, width)
            .WithCentred($"{name}.mlp.3", width, width);
    }

    /// <summary>rows × width.</summary>
    public Tensor Encode(ParameterSet w, Tensor people, Dropout? dropout, float rate)
    {
        var embedded = new Tensor[fields.Length];
        var from = 0;
        for (var k = 0; k < fields.Length; k++)
        {
            var field = people.narrow(1, from, fields[k]);
            embedded[k] = linear(field, w[$"{name}.field.{k}.weight"], w[$"{name}.field.{k}.bias"]);
            from += fields[k];
        }

        var h = stack(embedded, 1);
        var u = matmul(h, w[$"{name}.merge.w1"].t()).tanh();
        var a = matmul(u, w[$"{name}.merge.w2"]).softmax(1);
        var merged = (a.unsqueeze(-1) * h).sum(1);
        var hidden = linear(merged, w[$"{name}.mlp.0.weight"], w[$"{name}.mlp.0.bias"]).relu();
        if (dropout is not null && rate > 0)
        {
            hidden *= dropout.Mask(hidden.shape[0], hidden.shape[1], rate);
        }

        return merged.Plus(linear(hidden, w[$"{name}.mlp.3.weight"], w[$"{name}.mlp.3.bias"]));
    }
}
