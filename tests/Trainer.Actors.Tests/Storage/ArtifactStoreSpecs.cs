using System.Collections.Immutable;
using CsCheck;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Storage;

public sealed class ArtifactStoreSpecs : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly ArtifactStore _store;

    public ArtifactStoreSpecs() => _store = new ArtifactStore(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_saved_is_loaded()
    {
        var saved = Artifact(1.5f) with { Cursor = new TrainingCursor("adam", 17, 3) };

        var loaded = _store.Load(_store.Save(saved));

        Assert.Equal(saved.Card.Model, loaded.Card.Model);
        Assert.Equal(saved.Card.Training, loaded.Card.Training);
        Assert.Equal(saved.Card.SchemaJson, loaded.Card.SchemaJson);
        Assert.Equal(saved.Card.Metrics["valid_auc"], loaded.Card.Metrics["valid_auc"]);
        Assert.Equal(saved.Cursor, loaded.Cursor);
        Assert.Equal(saved.Weights[0].Values.ToArray(), loaded.Weights.Single().Values.ToArray());
        Assert.Equal("w.exp_avg", loaded.State.Single().Name);
    }

    [Fact]
    public void Equal_weights_have_equal_hashes_whatever_else_differs()
    {
        var one = _store.Save(Artifact(1));
        var otherCard = _store.Save(Artifact(1) with { Card = Artifact(1).Card with { Parent = "p" }, State = [] });
        var otherWeights = _store.Save(Artifact(2));

        Assert.Equal(one.WeightsHash, otherCard.WeightsHash);
        Assert.NotEqual(one.Hash, otherCard.Hash);
        Assert.NotEqual(one.WeightsHash, otherWeights.WeightsHash);
    }

    [Fact]
    public void One_changed_byte_anywhere_is_refused_with_both_hashes()
    {
        var reference = _store.Save(Artifact(1));
        var file = Directory.EnumerateFiles(_folder).Single();
        var good = File.ReadAllBytes(file);

        Gen.Int[0, good.Length - 1]
            .Sample(
                at =>
                {
                    var bad = (byte[])good.Clone();
                    bad[at] ^= 1;
                    File.WriteAllBytes(file, bad);
                    var refusal = Assert.Throws<ArtifactException>(() => _store.Load(reference));
                    Assert.Contains(file, refusal.Message);
                    Assert.Contains(reference.Hash, refusal.Message);
                    Assert.Contains("found", refusal.Message);
                },
                iter: 50,
                threads: 1
            );
    }

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        var reference = _store.Save(Artifact(1));
        var file = Directory.EnumerateFiles(_folder).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^4]);

        Assert.Contains("refused", Assert.Throws<ArtifactException>(() => _store.Load(reference)).Message);
    }

    [Fact]
    public void What_is_saved_takes_the_place_of_a_damaged_file_of_its_name()
    {
        var reference = _store.Save(Artifact(1));
        var file = Directory.EnumerateFiles(_folder).Single();
        foreach (var damaged in new[] { [], File.ReadAllBytes(file)[..^4], new byte[100] })
        {
            File.WriteAllBytes(file, damaged);

            Assert.Equal(reference, _store.Save(Artifact(1)));

            _store.Load(reference);
        }
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var reference = new ArtifactRef { Hash = new string('a', 64) };

        Assert.Contains(reference.Hash, Assert.Throws<ArtifactException>(() => _store.Load(reference)).Message);
        _store.Save(Artifact(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD")]
    public void Only_a_hash_can_name_a_file(string hash)
    {
        _store.Save(Artifact(1));

        Assert.Throws<ArtifactException>(() => _store.Load(new ArtifactRef { Hash = hash }));
    }

    [Fact]
    public void Saving_leaves_nothing_but_the_artefact()
    {
        var reference = _store.Save(Artifact(1));
        _store.Save(Artifact(1));

        var file = Directory.EnumerateFileSystemEntries(_folder).Single();
        Assert.Equal($"{reference.Hash}.safetensors", Path.GetFileName(file));
        Assert.Equal(reference.Bytes, new FileInfo(file).Length);
    }

    private static ModelArtifact Artifact(float value) =>
        new(
            new ModelCard
            {
                Model = new ModelConfig
                {
                    Model = "TwoTowerMha",
                    TowerDim = 8,
                    HiddenDim = 16,
                    Heads = 2,
                    Dropout = 0.1f,
                },
                SchemaJson = """{"columns":["age","\u00e9"]}""",
                SchemaId = "s-1",
                Training = new TrainingConfig { BatchSize = 64, RandomSeed = ulong.MaxValue },
                Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("valid_auc", 0.1 + 0.2),
            },
            [new NamedTensor("w", [2, 2], new[] { value, -0f, float.Epsilon, 3 })],
            [new NamedTensor("w.exp_avg", [2, 2], new float[4])],
            null
        );
}
