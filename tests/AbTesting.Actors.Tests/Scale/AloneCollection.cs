using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Scale;

/// <summary>Specs that weigh the process's memory run when no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
