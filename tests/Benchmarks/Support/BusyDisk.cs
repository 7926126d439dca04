namespace RalmActors.Benchmarks.Support;

/// <summary>A neighbour on the same disk that writes 20 MB a second and synchronises each of its megabytes.</summary>
public sealed class BusyDisk : IDisposable
{
    private const int PerSecond = 20;
    private const int Megabyte = 1 << 20;

    private readonly string _file;
    private readonly Thread _thread;
    private volatile bool _ended;

    /// <param name="folder">Where its file lies until it ends.</param>
    public BusyDisk(string folder)
    {
        _file = Path.Combine(folder, "neighbour");
        _thread = new Thread(Write) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
        File.Delete(_file);
    }

    private void Write()
    {
        var block = new byte[Megabyte];
        Random.Shared.NextBytes(block);
        using var file = File.OpenHandle(_file, FileMode.Create, FileAccess.Write);
        for (var i = 0L; !_ended; i++)
        {
            RandomAccess.Write(file, block, i % (10 * PerSecond) * Megabyte);
            RandomAccess.FlushToDisk(file);
            Thread.Sleep(1_000 / PerSecond);
        }
    }
}
