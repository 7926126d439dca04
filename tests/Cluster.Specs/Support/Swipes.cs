using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>Twelve users who swipe as fast as they are answered, and one lineage that learns from all of it.</summary>
public static class Swipes
{
    public const int Users = 12;

    /// <param name="acknowledged">By user, the number of the last interaction that was acknowledged; kept up to date.</param>
    public static Task[] Begin(HostProcess host, int[] acknowledged, CancellationToken stop) =>
        [.. Enumerable.Range(0, Users).Select(u => Task.Run(() => Send(host, u, acknowledged, stop)))];

    private static async Task Send(HostProcess host, int user, int[] acknowledged, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            var interaction = new RecordInteraction
            {
                Header = new CommandHeader { CommandId = $"swipe-{user}-{n}" },
                UserId = $"user-{user}",
                CandidateId = $"candidate-{n}",
                User = AgeCity.Person(20 + user),
                Candidate = AgeCity.Person(20 + n),
                Label = n % 2,
            };
            await host.Accepted($"/training/users/user-{user}/interactions", interaction);
            acknowledged[user] = n;
        }
    }

    public static async Task<(long Accepted, long Pending, long Learned)> Accounts(HostProcess host)
    {
        var (accepted, pending) = (0L, 0L);
        for (var u = 0; u < Users; u++)
        {
            var user = await host.Get<UserReply>($"/training/users/user-{u}");
            (accepted, pending) = (accepted + user.SamplesAccepted, pending + user.SamplesPending);
        }

        return (accepted, pending, (await host.Get<LineageReply>("/training/lineages/champion")).SamplesAccepted);
    }

    /// <summary>The lineage that learns from every interaction.</summary>
    public static async Task OpenLineage(HostProcess host, string folder)
    {
        var run = await AgeCity.Train(host, AgeCity.Prepare(Path.Combine(folder, "city"), Users, Users), "v-1");
        var open = new OpenLineage
        {
            Header = new CommandHeader { CommandId = "open" },
            LineageId = "champion",
            Family = "city",
            VersionId = "v-1",
            Base = run.Artifact,
            BatchSize = 8,
            CheckpointEvery = 5,
        };
        await host.Accepted("/training/lineages", open);
    }
}
