using Ralm.Models.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Storage;

public sealed class CheckedFilesSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-checked-").FullName;
    private readonly CheckedFiles _files;

    public CheckedFilesSpecs() => _files = new CheckedFiles(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_that_is_there_and_whole_may_be_used()
    {
        var model = SmallModel.Write(_folder, "a");
        model.WeightsHash = new ArtifactStore(_folder).Load(model).WeightsHash;

        Assert.Null(_files.Check("artifact", model));
        // What is not said is not compared.
        Assert.Null(_files.Check("artifact", new ArtifactRef { Hash = model.Hash }));
    }

    [Fact]
    public void One_that_nobody_has_is_not_found()
    {
        var nobodys = new ArtifactRef { Hash = new string('a', 64) };

        Refused(RejectionCode.NotFound, "artifact.hash", nobodys.Hash, _files.Check("artifact", nobodys));
        var judged = new EvaluationRef { Hash = new string('b', 64) };
        Refused(RejectionCode.NotFound, "evaluation.hash", judged.Hash, _files.Check("evaluation", judged));
    }

    [Fact]
    public void One_that_says_other_things_of_itself_than_the_file_is_refused_by_field()
    {
        var model = SmallModel.Write(_folder, "a");
        var (bytes, weights) = (model.Clone(), model.Clone());
        bytes.Bytes++;
        weights.WeightsHash = new string('c', 64);

        Refused(RejectionCode.Invalid, "base.bytes", $"{bytes.Bytes}", _files.Check("base", bytes));
        Refused(RejectionCode.Invalid, "base.weights_hash", weights.WeightsHash, _files.Check("base", weights));
    }

    [Fact]
    public void A_version_that_names_another_schema_than_its_model_is_refused()
    {
        var version = new VersionRegistered { Artifact = SmallModel.Write(_folder, "a"), SchemaId = "large" };

        Refused(RejectionCode.Invalid, "schema_id", "large", _files.Check("artifact", version));
        version.SchemaId = "small";
        Assert.Null(_files.Check("artifact", version));
        version.SchemaId = "";
        Assert.Null(_files.Check("artifact", version));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_damaged_one_is_refused_until_it_is_whole_again(int keep)
    {
        var model = SmallModel.Write(_folder, "a");
        var path = Path.Combine(_folder, model.Hash + ".safetensors");
        var whole = File.ReadAllBytes(path);
        Assert.Null(_files.Check("artifact", model));

        File.WriteAllBytes(path, whole[..keep]);
        Refused(RejectionCode.Conflict, "artifact.hash", model.Hash, _files.Check("artifact", model));

        File.WriteAllBytes(path, whole);
        Assert.Null(_files.Check("artifact", model));
        File.Delete(path);
        Refused(RejectionCode.NotFound, "artifact.hash", model.Hash, _files.Check("artifact", model));
    }

    [Fact]
    public void A_flipped_bit_is_seen_though_the_length_is_the_same()
    {
        var model = SmallModel.Write(_folder, "a");
        var path = Path.Combine(_folder, model.Hash + ".safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 1;
        File.WriteAllBytes(path, bytes);

        Refused(RejectionCode.Conflict, "artifact.hash", model.Hash, _files.Check("artifact", model));
    }

    private static void Refused(RejectionCode code, string field, string value, Rejection? rejection)
    {
        Assert.NotNull(rejection);
        Assert.Equal((code, field, value), (rejection.Code, rejection.Field, rejection.Value));
        Assert.StartsWith("must be", rejection.Rule, StringComparison.Ordinal);
    }
}
