using System.Collections.Immutable;

namespace Ralm.Ranking.Schema;

/// <summary>One person as a schema reads them: their numbers, and their part of every pair feature.</summary>
public sealed record PreparedPerson(float[] Encoded, ImmutableArray<PairSide> Pairs);
