using System.Globalization;

namespace RalmActors.TestSupport;

/// <summary>
/// Runs a property over many seeds and names the one that fails. 200 seeds; RALM_TEST_LONG=1 runs 10,000 and
/// RALM_TEST_SEED=n runs that one alone.
/// </summary>
public static class Seeds
{
    public static void ForEach(Action<int> property)
    {
        foreach (var seed in Chosen())
        {
            try
            {
                property(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"fails with seed {seed} (repeat it alone: RALM_TEST_SEED={seed}): {e.Message}",
                    e
                );
            }
        }
    }

    /// <summary>The specs take their time: <c>./ralm test --long</c>.</summary>
    public static bool IsLong =>
        string.Equals(Environment.GetEnvironmentVariable("RALM_TEST_LONG"), "1", StringComparison.Ordinal);

    private static IEnumerable<int> Chosen() =>
        Environment.GetEnvironmentVariable("RALM_TEST_SEED") is { Length: > 0 } one
            ? [int.Parse(one, CultureInfo.InvariantCulture)]
            : Enumerable.Range(1, IsLong ? 10_000 : 200);
}
