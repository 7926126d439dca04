using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Experiments;

/// <summary>Experiments as a team uses them: one node, SQLite, REST.</summary>
public sealed class ExperimentEndpointSpecs(SharedNode shared) : IAsyncLifetime
{
    private TestNode _node = null!;
    private string _family = "experiments";
    private string _author = "ann";

    public async ValueTask InitializeAsync() => _node = await (await shared.Node()).WithVersions(_family, "v1", "v2");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_verdict_recomputed_as_of_its_event_has_the_bytes_that_were_stored()
    {
        await Create("verdict", _ => { });
        await Post<CommandReply>("/training/ab-testing/verdict/start", new StartExperiment());
        await Parallel.ForAsync(
            0,
            400,
            new ParallelOptions { MaxDegreeOfParallelism = 20 },
            async (u, _) =>
            {
                var unit = new AssignUnit { Unit = $"u-{u}" };
                var assigned = await Record<AssignUnitReply>("/training/ab-testing/verdict/assignments", unit);
                var exposure = new RecordExposure { Unit = unit.Unit };
                await Record<CommandReply>("/training/ab-testing/verdict/exposures", exposure);
                if (u % 10 == 0 || assigned.Arm == "b")
                {
                    var outcome = new RecordOutcome
                    {
                        Unit = unit.Unit,
                        Metric = "match",
                        Value = u % 20 == 1 ? 0 : 1,
                    };
                    await Record<CommandReply>("/training/ab-testing/verdict/outcomes", outcome);
                }
            }
        );

        await Until<ExperimentReply>("/training/ab-testing/verdict", t => t.Current.Winner == "b");
        await Post<CommandReply>("/training/ab-testing/verdict/stop", new StopExperiment());
        var test = await Until<ExperimentReply>(
            "/training/ab-testing/verdict",
            t => t.Status == ExperimentStatus.Decided
        );
        var asOf = await Get<VerdictReply>(
            $"/training/ab-testing/verdict/verdict?sequence_nr={test.Verdict.SequenceNr}"
        );
        Assert.Equal(test.Verdict.ToByteArray(), asOf.Verdict.ToByteArray());
        Assert.Equal("b", asOf.Verdict.Winner);

        var stricter = await Get<VerdictReply>(
            $"/training/ab-testing/verdict/verdict?sequence_nr={test.Verdict.SequenceNr - 1}&alpha=0.001&method=MSPRT"
        );
        Assert.Equal((Method.Msprt, 0.001), (stricter.Verdict.Method, stricter.Verdict.Alpha));
        Assert.Equal(test.Verdict.SequenceNr - 1, stricter.Verdict.SequenceNr);
    }

    [Fact]
    public async Task A_report_is_one_page_with_its_pictures_and_a_table()
    {
        await Create(
            "report",
            d =>
            {
                d.Hypothesis = "<b>fresh</b> is better";
                d.Segments.Add(new Segment { Feature = "gender", Values = { "f", "m" } });
            }
        );
        await Post<CommandReply>("/training/ab-testing/report/start", new StartExperiment());
        for (var u = 0; u < 30; u++)
        {
            var exposure = new RecordExposure
            {
                Unit = $"u-{u}",
                User = new Features
                {
                    Items =
                    {
                        new Feature { Name = "gender", Text = u % 3 == 0 ? "f" : "m" },
                    },
                },
            };
            await Record<CommandReply>("/training/ab-testing/report/exposures", exposure);
        }

        var report = await Until<ReportReply>(
            "/training/ab-testing/report/report",
            r => r.Timeline.Count > 0 && r.Timeline[^1].Units == 30
        );
        var page = await _node.Text("/training/ab-testing/report/report.html");
        var table = await _node.Text("/training/ab-testing/report/report.csv");

        Assert.Equal("b", Assert.Single(Assert.Single(report.Phases).Comparisons).Arm);
        Assert.Equal([("f", 10L), ("m", 20L)], report.Segments.Select(s => (s.Value, s.Units)));
        Assert.Contains("Exploration, not proof: 2 segments", page, StringComparison.Ordinal);
        Assert.Equal(4, page.Split("<svg").Length - 1);
        Assert.Contains("&lt;b&gt;fresh&lt;/b&gt; is better", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.StartsWith("sequence_nr,at,units,metric,arm,", table, StringComparison.Ordinal);
        Assert.Contains(",gender,m", table, StringComparison.Ordinal);
        Assert.Equal(report.Timeline.Sum(m => m.Comparisons.Count) + 2 + 1, table.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task A_list_finds_pages_and_survives_a_rebuild()
    {
        (_family, _author) = ("listed", "liz");
        await _node.WithVersions(_family, "v1", "v2");
        for (var i = 0; i < 5; i++)
        {
            await Create($"t-{i}", d => d.Hypothesis = i % 2 == 0 ? "Fresh models win" : "They do not");
        }

        await Post<CommandReply>("/training/ab-testing/t-0/start", new StartExperiment());
        var clone = new CloneExperiment { CloneId = "t-0-again" };
        Assert.Equal(
            CommandOutcome.Accepted,
            (await Post<CommandReply>("/training/ab-testing/t-0/clone", clone)).Outcome
        );
        await Until<ExperimentsReply>("/training/ab-testing?family=listed", t => t.Total == 6);

        var fresh = await Get<ExperimentsReply>("/training/ab-testing?family=listed&text=fresh&page_size=2");
        var rest = await Get<ExperimentsReply>(
            $"/training/ab-testing?family=listed&text=fresh&page_size=2&page_token={Uri.EscapeDataString(fresh.NextPageToken)}"
        );
        Assert.Equal(4, fresh.Total);
        Assert.Equal("", rest.NextPageToken);
        Assert.Equal(
            ["t-0", "t-0-again", "t-2", "t-4"],
            fresh.Experiments.Concat(rest.Experiments).Select(t => t.ExperimentId).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            "t-0",
            Assert
                .Single((await Get<ExperimentsReply>("/training/ab-testing?family=listed&status=RUNNING")).Experiments)
                .ExperimentId
        );
        Assert.Equal("t-0", (await Get<ExperimentReply>("/training/ab-testing/t-0-again")).CopyOf);

        await Post<CatalogueReply>("/training/ab-testing-changes/rebuild", new RebuildCatalogue());
        var during = await Get<ExperimentsReply>("/training/ab-testing?family=listed");
        Assert.Equal(6, during.Total);
        var changes = await Get<ChangesReply>("/training/ab-testing-changes?author=liz");
        Assert.Equal(7, changes.Total);
        Assert.Equal("created as a copy of t-0", changes.Changes[0].Entry.What);
        Assert.Equal(
            ["phase 1 at 100 %", "created"],
            (await Get<ChangesReply>("/training/ab-testing-changes?experiment_id=t-0")).Changes.Select(c =>
                c.Entry.What
            )
        );
    }

    [Fact]
    public async Task A_clone_asked_for_again_after_its_test_was_edited_is_a_duplicate()
    {
        await Create("cloned", d => d.Hypothesis = "before");
        var clone = new CloneExperiment
        {
            CloneId = "cloned-again",
            Header = new CommandHeader { CommandId = "clone-1" },
        };
        var first = await Post<CommandReply>("/training/ab-testing/cloned/clone", clone);
        var edited = (await Get<ExperimentReply>("/training/ab-testing/cloned")).Definition;
        edited.Hypothesis = "after";
        await Post<CommandReply>("/training/ab-testing/cloned/edit", new EditExperiment { Definition = edited });

        var second = await Post<CommandReply>("/training/ab-testing/cloned/clone", clone);

        Assert.Equal((CommandOutcome.Accepted, CommandOutcome.Duplicate), (first.Outcome, second.Outcome));
        Assert.Equal(first.SequenceNr, second.SequenceNr);
    }

    [Fact]
    public async Task A_plan_of_promotion_says_how_long_its_shadow_waits()
    {
        await Create("plan", d => d.Promotion = new PromotionPlan { ShadowSeconds = 3600 });
        Assert.Equal(
            3600,
            (await Get<ExperimentReply>("/training/ab-testing/plan")).Definition.Promotion.ShadowSeconds
        );
        using var content = new StringContent(
            """
            {
              "header": { "command_id": "create" }, "experiment_id": "unplanned",
              "definition": {
                "family": "experiments", "metric": "match", "promotion": { "shadow_seconds": -1 },
                "arms": [{ "name": "a", "weight": 5000, "version_id": "v1" }, { "name": "b", "weight": 5000, "version_id": "v2" }]
              }
            }
            """,
            new MediaTypeHeaderValue("application/json")
        );

        using var refused = await _node.Client.PostAsync(new Uri("/training/ab-testing", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadAsStringAsync();
        Assert.Contains(
            "\"field\":\"definition.promotion.shadow_seconds\",\"rule\":\"must be 1 to 31,536,000\"",
            problem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_bad_page_is_refused_by_name()
    {
        using var answer = await _node.Client.GetAsync(
            new Uri("/training/ab-testing?page_size=9999", UriKind.Relative)
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("page_size", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A test that nobody created leaves memory once it has said so: not while it is being created.</summary>
    [Fact]
    public async Task A_test_that_people_ask_for_before_it_is_there_is_created_all_the_same()
    {
        using var done = new CancellationTokenSource();
        var askers = Enumerable.Range(0, 4).Select(_ => AskFor("/training/ab-testing/early", done.Token)).ToArray();
        await Create("other", _ => { });

        await Create("early", _ => { });

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(askers), asked => Assert.True(asked > 0));
    }

    /// <summary>How often it has been asked for.</summary>
    private async Task<int> AskFor(string path, CancellationToken until)
    {
        for (var asked = 0; ; asked++)
        {
            if (until.IsCancellationRequested)
            {
                return asked;
            }

            using var answer = await _node.Client.GetAsync(new Uri(path, UriKind.Relative), CancellationToken.None);
        }
    }

    private async Task Create(string experimentId, Action<ExperimentDefinition> change)
    {
        var definition = new ExperimentDefinition
        {
            Family = _family,
            Metric = "match",
            Arms =
            {
                new Arm
                {
                    Name = "a",
                    Weight = 5000,
                    VersionId = "v1",
                },
                new Arm
                {
                    Name = "b",
                    Weight = 5000,
                    VersionId = "v2",
                },
            },
        };
        change(definition);
        var reply = await Post<CommandReply>(
            "/training/ab-testing",
            new CreateExperiment { ExperimentId = experimentId, Definition = definition }
        );
        Assert.Equal(CommandOutcome.Accepted, reply.Outcome);
    }

    private Task<T> Post<T>(string path, IMessage message)
        where T : IMessage<T>, new() => _node.Post<T>(path, Headed(message));

    /// <summary>Of a unit: right after the start its cell may say "come again".</summary>
    private Task<T> Record<T>(string path, IMessage message)
        where T : IMessage<T>, new() => _node.PostUntilTaken<T>(path, Headed(message));

    private IMessage Headed(IMessage message)
    {
        if (message.Descriptor.FindFieldByName("header") is { } header && header.Accessor.GetValue(message) is null)
        {
            header.Accessor.SetValue(message, new CommandHeader { CommandId = $"{Guid.NewGuid()}", Author = _author });
        }

        return message;
    }

    private Task<T> Get<T>(string path)
        where T : IMessage<T>, new() => _node.Get<T>(path);

    private Task<T> Until<T>(string path, Func<T, bool> holds)
        where T : IMessage<T>, new() => _node.Until(path, holds);
}
