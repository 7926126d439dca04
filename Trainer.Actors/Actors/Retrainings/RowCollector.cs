using System.Security.Cryptography;
using System.Text;
using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Ralm.Datasets.Import;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Retrainings;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Makes a prepared dataset of the newest rows in a lineage's journal. It can be ended at any moment and begun again: the dataset
/// is there whole or not at all.
/// </summary>
/// <param name="folder">That every trainer node sees.</param>
/// <param name="journal">All events of a persistence id.</param>
internal sealed class RowCollector(
    string folder,
    ArtifactStore store,
    Func<string, Source<IEvent, NotUsed>> journal,
    IMaterializer streams
)
{
    /// <summary>One row in so many may be bad: what an online learner passes over, a preparation leaves out.</summary>
    private const int OneBadRowIn = 20;

    /// <summary>Reads, writes and prepares; on threads of its own.</summary>
    /// <param name="mayGrow">The lineage may accept more.</param>
    public async Task<CollectedRows> Collect(
        string retrainingId,
        RetrainingOpened opened,
        bool mayGrow,
        CancellationToken ct
    )
    {
        var window = await journal($"{RegionNames.Lineage}-{opened.LineageId}")
            .RunAggregate(
                new LineageWindow(opened.SinceBatchNr, opened.Plan.MaxRows),
                (read, e) =>
                {
                    ct.ThrowIfCancellationRequested();
                    return read.Add(e);
                },
                streams
            )
            .ConfigureAwait(false);
        var rows = window.Take(opened.Plan.MinRows, mayGrow);
        if (rows.Lacking > 0)
        {
            return new CollectedRows.TooFew(rows.Lacking, window.Accepted, mayGrow);
        }

        try
        {
            return new CollectedRows.Prepared(
                await Task.Run(() => Prepare(retrainingId, opened.Plan, window.Opened!, rows, ct), ct)
            );
        }
        catch (BadTableException e)
        {
            return new CollectedRows.Refused(e.Message);
        }
    }

    private RetrainingPrepared Prepare(
        string retrainingId,
        RetrainingPlan plan,
        LineageOpened lineage,
        WindowRows rows,
        CancellationToken ct
    )
    {
        var own = Path.Combine(folder, FolderOf(retrainingId));
        var tables = Path.Combine(own, "tables");
        try
        {
            var card = store.Load(lineage.Base).Card;
            var schema = FeatureSchema.FromJson(card.SchemaJson);
            var description = new SampleTables(retrainingId, schema).Write(tables, rows.Samples, ct);
            var data = DatasetPreparation.Prepare(
                description,
                Path.Combine(own, "dataset"),
                new PreparationOptions(
                    MaxBadRows: rows.Samples.Count / OneBadRowIn,
                    Schema: plan.FromScratch ? null : schema
                ),
                null,
                ct
            );
            return new RetrainingPrepared
            {
                Family = lineage.Family,
                ParentVersionId = lineage.VersionId,
                DatasetPath = data.Path,
                DatasetHash = data.Meta.Hash,
                Rows = rows.Samples.Count,
                RowsSince = Math.Min(rows.Since, rows.Samples.Count),
                FirstBatchNr = rows.FirstBatchNr,
                LastBatchNr = rows.LastBatchNr,
                Initial = plan.FromScratch ? null : lineage.Base,
                Model = plan.FromScratch ? null : card.Model,
            };
        }
        finally
        {
            // People in plain words, which the dataset has as numbers.
            if (Directory.Exists(tables))
            {
                Directory.Delete(tables, recursive: true);
            }
        }
    }

    /// <summary>
    /// Ids may hold what names of folders may not, or mean another folder (<c>..</c>): what is readable of it, and a hash of all of it,
    /// so that no two have the same.
    /// </summary>
    internal static string FolderOf(string id)
    {
        const int MaxReadable = 60;
        const int HexDigits = 16;
        var readable = string.Concat(id.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(MaxReadable));
        return $"{readable}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..HexDigits]}";
    }
}

/// <summary>What has come of it.</summary>
internal abstract record CollectedRows : INoSerializationVerificationNeeded
{
    public sealed record Prepared(RetrainingPrepared Dataset) : CollectedRows;

    /// <param name="Lacking">So many more are wanted.</param>
    /// <param name="Accepted">By the lineage, when they were counted.</param>
    public sealed record TooFew(int Lacking, long Accepted, bool MayGrow) : CollectedRows;

    /// <summary>They are no dataset.</summary>
    public sealed record Refused(string Reason) : CollectedRows;
}
