using Google.Protobuf;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Storage;

/// <summary>
/// Whether what a command names is in the store, whole, and what it says it is. A file is read once; after that only its
/// time and length are looked at. Not thread-safe.
/// </summary>
internal sealed class CheckedFiles(string folder)
{
    private const int MaxKept = 1_000;
    private readonly ArtifactStore _models = new(folder);
    private readonly EvaluationStore _evaluations = new(folder);
    private readonly Dictionary<string, (FileState State, Content Content)> _read = new(StringComparer.Ordinal);

    /// <param name="field">Where the command names it.</param>
    /// <param name="reference">An <see cref="ArtifactRef"/> or an <see cref="EvaluationRef"/> with a well-formed hash.</param>
    /// <returns>Why it must not be used; null: it may.</returns>
    public Rejection? Check(string field, IMessage reference) =>
        reference switch
        {
            ArtifactRef model => Check(field, model),
            VersionRegistered version => Check(field, version.Artifact) ?? CheckWords(version),
            EvaluationRef report => Read(_evaluations.PathOf(report.Hash), () => Content.Of(_evaluations, report.Hash))
                is { } content
                ? Refusal($"{field}.hash", report.Hash, content, "an evaluation")
                    ?? Differs($"{field}.bytes", report.Bytes, content.Bytes)
                : Missing($"{field}.hash", report.Hash),
            _ => throw new NotSupportedException(reference.Descriptor.Name),
        };

    /// <summary>What is said of a file that was found good must be what it says of itself.</summary>
    private Rejection? CheckWords(VersionRegistered version) =>
        Read(_models.PathOf(version.Artifact.Hash), () => Content.Of(_models, version.Artifact.Hash))
            is { SchemaId: { Length: > 0 } own }
        && version.SchemaId.Length > 0
        && version.SchemaId != own
            ? Rejections.Invalid("schema_id", version.SchemaId, $"must be {own}, the model's")
            : null;

    private Rejection? Check(string field, ArtifactRef model)
    {
        if (Read(_models.PathOf(model.Hash), () => Content.Of(_models, model.Hash)) is not { } content)
        {
            return Missing($"{field}.hash", model.Hash);
        }

        return Refusal($"{field}.hash", model.Hash, content, "a model")
            ?? Differs($"{field}.bytes", model.Bytes, content.Bytes)
            ?? (
                model.WeightsHash.Length == 0 || model.WeightsHash == content.WeightsHash
                    ? null
                    : Rejections.Invalid($"{field}.weights_hash", model.WeightsHash, $"must be {content.WeightsHash}")
            )
            ?? (
                model.SeedsHash.Length == 0 ? null
                : Read(_models.SeedsPathOf(model.SeedsHash), () => Content.OfSeeds(_models, model.SeedsHash))
                    is { } seeds
                    ? Refusal($"{field}.seeds_hash", model.SeedsHash, seeds, "seeds")
                : Missing($"{field}.seeds_hash", model.SeedsHash)
            );
    }

    private Content? Read(string path, Func<Content> read)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            _read.Remove(path);
            return null;
        }

        var state = new FileState(file.LastWriteTimeUtc, file.Length);
        if (_read.TryGetValue(path, out var known) && known.State == state)
        {
            return known.Content;
        }

        if (_read.Count >= MaxKept)
        {
            _read.Clear();
        }

        var content = read();
        _read[path] = (state, content with { Bytes = state.Bytes });
        return _read[path].Content;
    }

    private static Rejection? Refusal(string field, string hash, Content content, string what) =>
        content.Damage is null
            ? null
            : Rejections.Conflict(field, hash, $"must be {what} that can be read: {content.Damage}");

    private static Rejection? Differs(string field, long said, long found) =>
        said == 0 || said == found ? null : Rejections.Invalid(field, said, $"must be {found}, the file's");

    private static Rejection? Missing(string field, string hash) =>
        Rejections.NotFound(field, hash, "must be in the store of models");

    private readonly record struct FileState(DateTime Written, long Bytes);

    /// <param name="Damage">Why it cannot be used.</param>
    private sealed record Content(string WeightsHash, string? Damage, long Bytes = 0, string SchemaId = "")
    {
        public static Content Of(ArtifactStore models, string hash) =>
            Of(() =>
            {
                var model = models.Load(hash);
                return new Content(model.WeightsHash, null, SchemaId: model.Card.SchemaId);
            });

        public static Content OfSeeds(ArtifactStore models, string hash) =>
            Of(() =>
            {
                models.OpenSeeds(hash).Dispose();
                return new Content("", null);
            });

        public static Content Of(EvaluationStore evaluations, string hash) =>
            Of(() =>
            {
                evaluations.Load(hash);
                return new Content("", null);
            });

        private static Content Of(Func<Content> read)
        {
            try
            {
                return read();
            }
            catch (ArtifactException e)
            {
                return new Content("", e.Message);
            }
        }
    }
}
