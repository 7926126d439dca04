using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Catalogue;

/// <summary>Answers from the catalogue, page by page.</summary>
public static class CatalogueSearch
{
    public static ExperimentsReply Find(ExperimentCatalogue catalogue, ListExperiments asked)
    {
        if (Pages.Check(asked.PageSize, asked.PageToken) is { } rejection)
        {
            return new ExperimentsReply { Rejection = rejection };
        }

        var found = catalogue
            .Tests.Values.Where(t => Matches(t, asked))
            .OrderByDescending(t => t.ChangedAt?.ToDateTimeOffset())
            .ThenBy(t => t.ExperimentId, StringComparer.Ordinal)
            .ToArray();
        var (page, next) = Pages.Of(
            found,
            asked.PageSize,
            asked.PageToken,
            t => Mark(t.ChangedAt) + "," + t.ExperimentId
        );
        return new ExperimentsReply
        {
            Experiments = { page },
            NextPageToken = next,
            Total = found.Length,
        };
    }

    public static ChangesReply Find(ExperimentCatalogue catalogue, ListChanges asked)
    {
        if (Pages.Check(asked.PageSize, asked.PageToken) is { } rejection)
        {
            return new ChangesReply { Rejection = rejection };
        }

        var found = catalogue.Changes.Where(c => Matches(c, asked)).Reverse().ToArray();
        var (page, next) = Pages.Of(
            found,
            asked.PageSize,
            asked.PageToken,
            c => c.Entry.SequenceNr.ToString(CultureInfo.InvariantCulture) + "," + c.ExperimentId
        );
        return new ChangesReply
        {
            Changes = { page },
            NextPageToken = next,
            Total = found.Length,
        };
    }

    private static bool Matches(ExperimentSummary t, ListExperiments asked) =>
        (asked.Family.Length == 0 || t.Family == asked.Family)
        && (asked.Status == ExperimentStatus.Unspecified || t.Status == asked.Status)
        && (asked.Author.Length == 0 || t.Author == asked.Author)
        && (asked.Salt.Length == 0 || t.Salt == asked.Salt)
        && (
            asked.Text.Length == 0
            || new[] { t.ExperimentId, t.Hypothesis, t.Metric }
                .Concat(t.Arms)
                .Any(words => words.Contains(asked.Text, StringComparison.OrdinalIgnoreCase))
        );

    private static bool Matches(ExperimentChange c, ListChanges asked) =>
        (asked.ExperimentId.Length == 0 || c.ExperimentId == asked.ExperimentId)
        && (asked.Author.Length == 0 || c.Entry.Author == asked.Author)
        && (asked.From is null || c.Entry.At?.CompareTo(asked.From) >= 0)
        && (asked.To is null || c.Entry.At?.CompareTo(asked.To) < 0);

    private static string Mark(Google.Protobuf.WellKnownTypes.Timestamp? at) =>
        at is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{at.Seconds}.{at.Nanos}");
}
