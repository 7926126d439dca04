using Mono.Cecil;
using Xunit;

namespace RalmActors.Architecture.Specs;

/// <summary>
/// A number that TorchSharp wraps by itself may be freed while libtorch reads it. Whatever of TorchSharp wraps numbers is
/// called in one class alone, which keeps them.
/// </summary>
public class ScalarSpecs
{
    [Fact]
    public void Numbers_reach_libtorch_through_Arithmetic_alone()
    {
        var wrapping = WrappingMethods();
        Assert.Contains(wrapping, m => m.Contains("Tensor::op_Addition", StringComparison.Ordinal));

        var outside = Compiled
            .Calls("Ralm.Models")
            .Where(c => wrapping.Contains(c.Called) || IsConversion(c.Called))
            .Where(c => c.Caller != "Ralm.Models.Tensors.Arithmetic")
            .Select(c => $"{c.Caller} calls {c.Called}");

        Assert.Empty(outside.Distinct(StringComparer.Ordinal));
    }

    /// <summary>Methods of TorchSharp that make a Scalar, or call one that does.</summary>
    private static HashSet<string> WrappingMethods()
    {
        using var torch = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"));
        var calls = torch
            .MainModule.GetTypes()
            .SelectMany(t => t.Methods)
            .Where(m => m.HasBody)
            .SelectMany(m =>
                m.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>().Select(c => (c.FullName, m))
            )
            .ToLookup(c => c.FullName, c => c.m.FullName);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(calls.Select(c => c.Key).Where(IsConversion));
        while (next.TryDequeue(out var called))
        {
            foreach (var caller in calls[called].Where(c => !c.Contains("TorchSharp.Scalar", StringComparison.Ordinal)))
            {
                if (found.Add(caller))
                {
                    next.Enqueue(caller);
                }
            }
        }

        return found;
    }

    private static bool IsConversion(string method) =>
        method.StartsWith("TorchSharp.Scalar ", StringComparison.Ordinal);
}
