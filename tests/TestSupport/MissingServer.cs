using Xunit;

namespace RalmActors.TestSupport;

/// <summary>What happens to a spec whose server this machine does not have.</summary>
public static class MissingServer
{
    /// <summary>Skips the spec with one line that says how to get the server; with CI=true the spec fails instead.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Report(string message)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(message);
        }

        Assert.Skip(message);
    }
}
