using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.OnlineLearner.Actors;
using RalmActors.OnlineLearner.Hosting;
using RalmActors.Scorer.Actors;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Settings;

public sealed class RalmSettingsSpecs
{
    [Fact]
    public void Nothing_written_means_every_role_on_loopback_with_sqlite()
    {
        var settings = Read();

        Assert.Equal(Roles.All, settings.Node.Roles);
        Assert.Equal("127.0.0.1", settings.Node.Host);
        Assert.Equal(["http://127.0.0.1:8080"], settings.Http.Urls);
        Assert.Equal("sqlite", settings.Persistence.Provider);
        Assert.EndsWith(Path.Combine("data", "ralm.db") + ";Default Timeout=30", settings.Persistence.ConnectionString);
    }

    [Theory]
    [InlineData("MODEL_STORAGE_PATH")]
    [InlineData("MONITOR_DATA_PATH")]
    [InlineData("AB_TESTING_PATH")]
    public void A_path_under_its_original_name_is_honoured(string name)
    {
        var settings = Read((name, "/tmp/somewhere"));

        Assert.Contains(
            "/tmp/somewhere",
            new[] { settings.Storage.Models, settings.Storage.Monitor, settings.Storage.AbTesting }
        );
    }

    [Fact]
    public void Numbers_under_their_original_names_are_honoured()
    {
        var settings = Read(("MONITOR_INTERVAL", "15"), ("ONLINE_LEARNING_RATE", "0.01"), ("ONLINE_BATCH_SIZE", "64"));

        Assert.Equal(TimeSpan.FromSeconds(15), settings.Monitor.Interval);
        Assert.Equal(0.01, settings.Online.LearningRate);
        Assert.Equal(64, settings.Online.BatchSize);
    }

    [Fact]
    public void How_long_a_cluster_waits_for_nodes_that_say_nothing_is_a_setting()
    {
        var (standard, quick) = (
            Read().Cluster,
            Read(("RALM__CLUSTER__CLAIM_LAPSE", "3"), ("RALM__CLUSTER__STABLE_AFTER", "2.5")).Cluster
        );

        Assert.Equal(new ClusterSettings(Seconds(15), Seconds(10), Seconds(10)), standard);
        Assert.Equal(new ClusterSettings(Seconds(3), Seconds(2.5), Seconds(10)), quick);
        Assert.Equal((Seconds(4), Seconds(0.8)), (standard.RenewEvery, quick.RenewEvery));
        var known = Akka.Configuration.ConfigurationFactory.ParseString(quick.Hocon);
        Assert.Equal(Seconds(2.5), known.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"));
        Assert.Equal(Seconds(10), known.GetTimeSpan("akka.cluster.down-removal-margin"));

        static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
    }

    [Fact]
    public void How_long_commands_are_remembered_is_a_setting()
    {
        Assert.Equal(TimeSpan.FromDays(7), Read().Persistence.RememberCommands);
        Assert.Equal(
            TimeSpan.FromHours(24),
            Read(("RALM__PERSISTENCE__REMEMBER_COMMANDS", "24")).Persistence.RememberCommands
        );
        Assert.All(
            ["0", "2161", "x"],
            hours =>
                Assert.Equal(
                    "RALM__PERSISTENCE__REMEMBER_COMMANDS",
                    Assert.Single(Errors(("RALM__PERSISTENCE__REMEMBER_COMMANDS", hours))).Field
                )
        );
    }

    [Fact]
    public void The_new_name_wins_over_the_original_one() =>
        Assert.Equal(8, Read(("ONLINE_BATCH_SIZE", "64"), ("RALM__ONLINE__BATCH_SIZE", "8")).Online.BatchSize);

    [Fact]
    public void An_unknown_key_is_refused_by_its_name_and_the_nearest_one_is_offered()
    {
        var error = Assert.Single(Errors(("RALM__PERSISTENCE__PROVIDR", "postgres")));

        Assert.Equal("RALM__PERSISTENCE__PROVIDR", error.Field);
        Assert.Equal("is not a setting; did you mean RALM__PERSISTENCE__PROVIDER?", error.Rule);
    }

    [Fact]
    public void A_key_like_none_of_ours_is_refused_without_a_guess() =>
        Assert.Equal("is not a setting", Assert.Single(Errors(("RALM__XYZZY", "1"))).Rule);

    [Fact]
    public void The_value_of_an_unknown_key_is_not_repeated() =>
        Assert.DoesNotContain("hunter2", new SettingsException(Errors(("RALM__PASSWORT", "hunter2"))).Message);

    [Fact]
    public void A_webhook_is_an_address_without_a_user_and_its_secret_needs_it()
    {
        var settings = Read(
            ("RALM__MONITOR__WEBHOOK_URL", "https://alerts.example/token"),
            ("RALM__MONITOR__WEBHOOK_SECRET", "hunter2")
        );
        string[] wrong = ["ftp://alerts.example", "alerts.example", "http://ann:hunter2@alerts.example"];

        Assert.Equal(
            ("alerts.example", "hunter2"),
            (settings.Monitor.Webhook.Url!.Host, settings.Monitor.Webhook.Secret)
        );
        Assert.DoesNotContain("hunter2", settings.ToString(), StringComparison.Ordinal);
        Assert.All(
            wrong,
            url =>
            {
                var error = Assert.Single(Errors(("RALM__MONITOR__WEBHOOK_URL", url)));
                Assert.Equal(("RALM__MONITOR__WEBHOOK_URL", "***"), (error.Field, error.Value));
            }
        );
        Assert.Equal(
            "RALM__MONITOR__WEBHOOK_SECRET",
            Assert.Single(Errors(("RALM__MONITOR__WEBHOOK_SECRET", "hunter2"))).Field
        );
    }

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        var errors = Errors(("ONLINE_BATCH_SIZE", "0"), ("RALM__MONITOR__INTERVAL", "soon"), ("RALM__NODE__PROT", "1"));

        Assert.Equal(
            ["ONLINE_BATCH_SIZE", "RALM__MONITOR__INTERVAL", "RALM__NODE__PROT"],
            errors.Select(e => e.Field).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("RALM__ONLINE__BATCH_SIZE", "4097", "must be a whole number from 1 to 4096")]
    [InlineData("RALM__ONLINE__LEARNING_RATE", "0", "must be a number above 0 and at most 1")]
    [InlineData("RALM__ONLINE__LEARNING_RATE", "NaN", "must be a number above 0 and at most 1")]
    [InlineData("RALM__PERSISTENCE__PROVIDER", "oracle", "must be one of sqlite, postgres, mysql")]
    [InlineData("RALM__NODE__ROLES", "edges", "must be among edge, scorer, trainer, learner, abtest, monitor")]
    [InlineData("RALM__NODE__SEEDS", "localhost", "must be host:port")]
    [InlineData("RALM__CLUSTER__CLAIM_LAPSE", "1", "must be a number from 2 to 300")]
    [InlineData("RALM__CLUSTER__STABLE_AFTER", "0.9", "must be a number from 1 to 300")]
    [InlineData("RALM__CLUSTER__REMOVAL_MARGIN", "-1", "must be a number from 0 to 300")]
    [InlineData("RALM__HTTP__URLS", "8080", "must be http://host:port or https://host:port")]
    [InlineData("RALM__TRAINER__DEVICE", "gpu", "must be cpu or cuda:N")]
    [InlineData("RALM__NODE__INSECURE", "yes", "must be true or false")]
    [InlineData("RALM__SERVING__WORKERS", "0", "must be a whole number from 1 to 64")]
    [InlineData("RALM__SERVING__FIRST_WAIT", "-0.001", "must be a number from 0 to 10")]
    [InlineData("RALM__SERVING__MAX_SEEDS", "9999", "must be a whole number from 10000 to 10000000")]
    [InlineData("RALM__SERVING__MAX_CANDIDATES", "1999", "must be a whole number from 2000 to 10000000")]
    [InlineData("RALM__SERVING__ASKS_IN_FLIGHT", "0", "must be a whole number from 1 to 10000")]
    [InlineData("RALM__SERVING__ASK_AGAIN_AFTER", "0", "must be a number from 0.1 to 60")]
    [InlineData("RALM__SERVING__POLL_EVERY", "often", "must be a number from 1 to 3600")]
    [InlineData("RALM__SERVING__CLUSTER_EVERY", "3601", "must be a number from 1 to 3600")]
    [InlineData("RALM__SERVING__CLUSTER_AFTER_CHANGE", "NaN", "must be a number from 0.01 to 1")]
    [InlineData("RALM__ONLINE__AUDIENCE_SEEDS", "10001", "must be a whole number from 1 to 10000")]
    public void A_bad_value_names_field_value_and_rule(string name, string value, string rule)
    {
        var error = Assert.Single(Errors((name, value), ("RALM__NODE__PORT", "9000")), e => e.Field == name);

        Assert.Equal($"{name} \"{value}\" {rule}", $"{error}");
    }

    [Fact]
    public void Seeds_are_served_as_the_options_say_unless_written_otherwise()
    {
        var written = Read(
            ("RALM__SERVING__FIRST_WAIT", "0"),
            ("RALM__SERVING__MAX_SEEDS", "20000"),
            ("RALM__SERVING__MAX_CANDIDATES", "3000"),
            ("RALM__SERVING__ASKS_IN_FLIGHT", "7"),
            ("RALM__SERVING__ASK_AGAIN_AFTER", "0.5"),
            ("RALM__SERVING__POLL_EVERY", "11"),
            ("RALM__SERVING__CLUSTER_EVERY", "60"),
            ("RALM__SERVING__CLUSTER_AFTER_CHANGE", "0.25"),
            ("RALM__ONLINE__AUDIENCE_SEEDS", "50")
        );

        Assert.Equal(new SeedOptions(), Read().Serving.Seeds);
        Assert.Equal(new OnlineLearnerOptions().AudienceSeeds, Read().Online.AudienceSeeds);
        Assert.Equal(50, written.Online.AudienceSeeds);
        Assert.Equal(
            new SeedOptions
            {
                FirstWait = TimeSpan.Zero,
                MaxSeeds = 20_000,
                MaxCandidates = 3_000,
                AsksInFlight = 7,
                AskAgainAfter = TimeSpan.FromSeconds(0.5),
                PollEvery = TimeSpan.FromSeconds(11),
                ClusterEvery = TimeSpan.FromMinutes(1),
                ClusterAfterChange = 0.25,
            },
            written.Serving.Seeds
        );
    }

    [Fact]
    public void Files_are_swept_by_the_clock_only_where_the_owner_says_how_often()
    {
        Assert.Null(Read().Storage.Sweep.Every);
        var written = Read(("RALM__STORAGE__SWEEP_EVERY", "24"), ("RALM__STORAGE__SWEEP_GRACE", "48")).Storage.Sweep;
        Assert.Equal((TimeSpan.FromDays(1), TimeSpan.FromDays(2)), (written.Every, written.Grace));
        Assert.Equal("RALM__STORAGE__SWEEP_GRACE", Assert.Single(Errors(("RALM__STORAGE__SWEEP_GRACE", "0"))).Field);
    }

    [Fact]
    public void Operations_md_lists_every_setting_and_no_other()
    {
        var reader = new SettingsReader(WrittenSettings.From(new Dictionary<string, string>(StringComparer.Ordinal)));
        RalmSettings.Read(reader);

        var listed = File.ReadLines(RepositoryFiles.PathOf("docs", "operations.md"))
            .Where(line => line.StartsWith("| `RALM__", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);

        Assert.Equal(
            reader.Known.Select(WrittenSettings.NameOf).Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Roles_are_taken_from_one_value_or_from_numbered_ones()
    {
        Assert.Equal(["edge", "scorer"], Read(("RALM__NODE__ROLES", "edge, scorer")).Node.Roles);
        Assert.Equal(
            ["edge", "trainer"],
            Read(("RALM__NODE__ROLES__0", "edge"), ("RALM__NODE__ROLES__1", "trainer")).Node.Roles
        );
    }

    [Fact]
    public void Another_address_than_loopback_needs_tls_or_the_owners_word()
    {
        Assert.Equal("RALM__NODE__HOST", Assert.Single(Errors(("RALM__NODE__HOST", "0.0.0.0"))).Field);
        Assert.Equal("RALM__HTTP__URLS", Assert.Single(Errors(("RALM__HTTP__URLS", "http://*:8080"))).Field);
        Assert.Equal("0.0.0.0", Read(("RALM__NODE__HOST", "0.0.0.0"), ("RALM__NODE__INSECURE", "true")).Node.Host);
    }

    [Fact]
    public void Https_on_another_address_needs_keys_as_well()
    {
        using var certificate = new TempFile();
        (string, string)[] tls =
        [
            ("RALM__TLS__CERTIFICATE", certificate.Path),
            ("RALM__HTTP__URLS", "https://0.0.0.0:8443"),
        ];

        Assert.Equal("RALM__HTTP__URLS", Assert.Single(Errors(tls)).Field);
        Assert.NotNull(Read([.. tls, ("RALM__HTTP__API_KEYS", "0123456789abcdef")]));
    }

    [Fact]
    public void A_short_key_is_refused_and_not_repeated()
    {
        var error = Assert.Single(Errors(("RALM__HTTP__API_KEYS", "secret")));

        Assert.Equal("RALM__HTTP__API_KEYS", error.Field);
        Assert.DoesNotContain("secret", $"{error}");
    }

    [Fact]
    public void A_cluster_needs_a_shared_database()
    {
        var errors = Errors(("RALM__NODE__SEEDS", "seed:4053"), ("RALM__NODE__PORT", "4053"));

        Assert.Equal("RALM__PERSISTENCE__PROVIDER", Assert.Single(errors).Field);
    }

    [Fact]
    public void Postgres_needs_a_connection_string() =>
        Assert.Equal(
            "RALM__PERSISTENCE__CONNECTION_STRING",
            Assert.Single(Errors(("RALM__PERSISTENCE__PROVIDER", "postgres"))).Field
        );

    private static RalmSettings Read(params (string Name, string Value)[] written) =>
        RalmSettings.Read(
            WrittenSettings.From(written.ToDictionary(w => w.Name, w => w.Value, StringComparer.Ordinal))
        );

    private static IReadOnlyList<SettingError> Errors(params (string Name, string Value)[] written) =>
        Assert.Throws<SettingsException>(() => Read(written)).Errors;

    private sealed class TempFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
