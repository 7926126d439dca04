using RalmActors.TestSupport;

namespace RalmActors.ClusterHost.Tests.Notifying;

/// <summary>A real SMTP server of the spec's own, Python's aiosmtpd, that keeps what it takes as files.</summary>
internal sealed class SmtpServer(LocalServer server, string box) : IAsyncDisposable
{
    private const string HowToGet = "no SMTP server: apt-get install python3-aiosmtpd";

    /// <param name="port">Where it listens.</param>
    public static async Task<SmtpServer> Start(int port)
    {
        var aiosmtpd = LocalServer.Find("aiosmtpd");
        if (aiosmtpd is null)
        {
            MissingServer.Report(HowToGet);
        }

        var folder = Directory.CreateTempSubdirectory("ralm-smtp-").FullName;
        var box = Path.Combine(folder, "box");
        string[] command =
        [
            aiosmtpd,
            .. (string[])["-n", "-d", "-l", $"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", box],
        ];
        return new SmtpServer(await LocalServer.Start(command, folder, "Server is listening", "TERM"), box);
    }

    /// <summary>Everything that has arrived, oldest first.</summary>
    public MimeKit.MimeMessage[] Mails() =>
        Directory.Exists(Path.Combine(box, "new"))
            ?
            [
                .. Directory
                    .GetFiles(Path.Combine(box, "new"))
                    .Select(file => MimeKit.MimeMessage.Load(file))
                    .OrderBy(NoticeNr),
            ]
            : [];

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static int NoticeNr(MimeKit.MimeMessage mail) =>
        int.Parse(
            mail.TextBody!.Split('\n')
                .Single(l => l.StartsWith("notice ", StringComparison.Ordinal))
                .AsSpan("notice ".Length),
            System.Globalization.CultureInfo.InvariantCulture
        );
}
