using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RalmActors.Benchmarks.Support;

/// <summary>Requests at a steady rate, whether or not earlier ones are answered, from a thread of its own.</summary>
public static partial class OpenLoop
{
    /// <param name="send">Is given the number and the time (Stopwatch ticks) it was due at, from which latency counts.</param>
    public static async Task Run(int perSecond, int requests, Func<int, long, Task> send)
    {
        var sent = new Task[requests];
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sender = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < requests; i++)
            {
                var due = start + (long)(i * (double)Stopwatch.Frequency / perSecond);
                SleepUntil(due);
                sent[i] = send(i, due);
            }

            done.SetResult();
        });
        sender.Start();
        await done.Task;
        await Task.WhenAll(sent);
    }

    /// <summary>Timers of .NET know whole milliseconds only: at 1,000 a second they would be half of what is measured.</summary>
    private static void SleepUntil(long due)
    {
        while (Stopwatch.GetTimestamp() < due)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (OperatingSystem.IsWindows())
            {
                Thread.Sleep(1);
            }
            else
            {
                _ = SleepMicroseconds((uint)Math.Clamp(left.TotalMicroseconds, 1, 900_000));
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SleepMicroseconds(uint microseconds);
}
