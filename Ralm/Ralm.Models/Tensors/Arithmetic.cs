using TorchSharp;
using static TorchSharp.torch;

namespace Ralm.Models.Tensors;

/// <summary>
/// Sums, differences and products of tensors with tensors and numbers, safe from the garbage collector. Use these, not the
/// operators.
/// </summary>
/// <remarks>
/// TorchSharp turns a number into a <see cref="Scalar"/>, hands its native address to libtorch and forgets it: a collection
/// in between frees what libtorch is about to read, which is a wrong number or a crash, once in many thousand steps. The
/// operators + (even of two tensors: their multiplier is a Scalar), and -, *, / with numbers, all do so, as does square.
/// Here every Scalar lives until the call is over.
/// </remarks>
internal static class Arithmetic
{
    private static readonly Scalar One = 1.0;

    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    public static Tensor Plus(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.add(number, One);
    }

    public static Tensor Times(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.mul(number);
    }

    public static Tensor Remainder(this Tensor a, long b)
    {
        using Scalar number = b;
        return a.remainder(number);
    }

    /// <summary>What is less becomes this number.</summary>
    public static Tensor AtLeast(this Tensor a, double least)
    {
        using Scalar number = least;
        return a.clamp_min(number);
    }

    /// <summary>In place.</summary>
    public static Tensor MultiplyBy(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.mul_(number);
    }

    /// <summary>In place: a number to each.</summary>
    public static Tensor Add(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.add_(number, One);
    }

    /// <summary>In place: a multiple of another.</summary>
    public static Tensor Add(this Tensor a, double times, Tensor b)
    {
        using Scalar number = times;
        return a.add_(b, number);
    }

    /// <summary>In place: a multiple of a product.</summary>
    public static Tensor AddProduct(this Tensor a, double times, Tensor b, Tensor c)
    {
        using Scalar number = times;
        return a.addcmul_(b, c, number);
    }

    /// <summary>In place: a multiple of a quotient.</summary>
    public static Tensor AddQuotient(this Tensor a, double times, Tensor b, Tensor c)
    {
        using Scalar number = times;
        return a.addcdiv_(b, c, number);
    }

    /// <summary>The sum of a tensor and a product.</summary>
    public static Tensor PlusProduct(this Tensor a, Tensor b, Tensor c) => addcmul(a, b, c, One);
}
