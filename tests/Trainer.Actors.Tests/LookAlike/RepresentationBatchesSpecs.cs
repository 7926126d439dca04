using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.LookAlike;

public sealed class RepresentationBatchesSpecs
{
    private const int Users = 6;
    private const int Candidates = 5;

    /// <summary>Users have responded to all candidates, but for the last one, who has responded to the last alone.</summary>
    private static readonly (int User, int Candidate)[] Responses =
    [
        .. Enumerable.Range(0, (Users - 1) * Candidates).Select(k => (k / Candidates, k % Candidates)),
        (Users - 1, Candidates - 1),
    ];

    [Fact]
    public void Candidates_that_a_user_has_responded_to_are_never_drawn_against_it()
    {
        using var session = new TrainingSession(SeededData.Config, Open(), null, "cpu");

        // Each is drawn many times; one that counted would cost something.
        for (var user = 0; user < Users - 1; user++)
        {
            var places = Enumerable.Range(user * Candidates, Candidates).ToArray();
            Assert.Equal(0, session.Backward(1, user, places, share: 0, shares: 1), 1e-6);
        }

        Assert.InRange(session.Backward(1, Users, [Responses.Length - 1], share: 0, shares: 1), 0.1, 10);
    }

    [Fact]
    public void Batches_of_any_size_and_order_do_not_touch_each_other()
    {
        using var session = new TrainingSession(SeededData.Config, Open(), null, "cpu");
        using var other = new TrainingSession(SeededData.Config, Open(), null, "cpu");
        int[] places = [Responses.Length - 1, 0, 7];
        session.Backward(1, 0, [3], share: 0, shares: 1);
        session.Backward(1, 1, [.. Enumerable.Range(0, Responses.Length)], share: 0, shares: 1);

        Assert.Equal(
            other.Backward(1, 2, places, share: 0, shares: 1),
            session.Backward(1, 2, places, share: 0, shares: 1)
        );
    }

    private static PreparedDataset Open()
    {
        var schema = PlantedData.Schema;
        var rows = Responses.Length + 1;
        return new PreparedDataset(
            new DatasetMeta(
                PlantedData.Path,
                PlantedData.Hash,
                schema.Id,
                rows,
                Users,
                Candidates,
                schema.User.Width,
                schema.Candidate.Width,
                schema.Context.Width,
                rows - 1,
                1,
                0,
                1
            ),
            schema,
            [.. Enumerable.Range(0, Users * schema.User.Width).Select(k => MathF.Sin(k))],
            [.. Enumerable.Range(0, Candidates * schema.Candidate.Width).Select(k => MathF.Cos(k))],
            new float[rows * schema.Context.Width],
            [.. Responses.Select(r => r.User), 0],
            [.. Responses.Select(r => r.Candidate), 0],
            [.. Enumerable.Repeat(1f, rows)],
            [.. Enumerable.Range(0, rows).Select(k => k < rows - 1 ? Split.Train : Split.Valid)]
        );
    }
}
