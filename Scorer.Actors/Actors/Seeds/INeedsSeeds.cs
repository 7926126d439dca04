using Ralm.Models.Seeds;
using RalmActors.Messages.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>A message about a request that is passed on with the seeds that some models see.</summary>
internal interface INeedsSeeds
{
    Score Request { get; }

    /// <summary>The artefacts of these models.</summary>
    IEnumerable<string> Hashes { get; }

    /// <param name="of">Seeds as an artefact's model sees them; null: it sees none.</param>
    INeedsSeeds With(Func<string, RequestSeeds?> of);
}
