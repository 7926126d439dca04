namespace RalmActors.ClusterHost.Terminal;

/// <summary>What a person sees while something long runs.</summary>
public interface IProgressView
{
    void Step(string what);

    /// <param name="share">0 to 1 of the current step.</param>
    void Progress(double share, string text);

    void Finish();
}
