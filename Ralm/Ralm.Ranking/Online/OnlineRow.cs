using System.Runtime.InteropServices;

namespace Ralm.Ranking.Online;

/// <summary>A row as learners see it. Most of a wide row is zero, so that what is not is listed.</summary>
/// <param name="Inputs">The label's history, then a 1, then what the row itself says.</param>
/// <param name="Active">Places of the inputs that are not 0, rising.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OnlineRow(double[] Inputs, int[] Active)
{
    /// <param name="inputs">Kept, not copied.</param>
    public static OnlineRow Of(double[] inputs)
    {
        var count = 0;
        foreach (var input in inputs)
        {
            count += input != 0 ? 1 : 0;
        }

        var active = new int[count];
        for (int k = 0, next = 0; k < inputs.Length; k++)
        {
            if (inputs[k] != 0)
            {
                active[next++] = k;
            }
        }

        return new OnlineRow(inputs, active);
    }

    /// <summary>Active places from one on.</summary>
    public ReadOnlySpan<int> From(int first)
    {
        var start = 0;
        while (start < Active.Length && Active[start] < first)
        {
            start++;
        }

        return Active.AsSpan(start);
    }
}
