using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Probes;

/// <summary>/proc/net/dev summed over all interfaces but the loopback.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NetworkCounters(long ReceivedBytes, long SentBytes, long Errors)
{
    public static NetworkCounters Parse(ReadOnlySpan<byte> text)
    {
        var sum = default(NetworkCounters);
        while (!text.IsEmpty)
        {
            var line = Fields.NextLine(ref text);
            var colon = line.IndexOf((byte)':');
            if (colon < 0 || line[..colon].Trim((byte)' ').SequenceEqual("lo"u8))
            {
                continue;
            }

            var words = new Fields(line[(colon + 1)..]);
            var received = words.NextNumber();
            words.Next();
            var receiveErrors = words.NextNumber();
            words = words.Skip(5);
            var sent = words.NextNumber();
            words.Next();
            sum = new NetworkCounters(
                sum.ReceivedBytes + received,
                sum.SentBytes + sent,
                sum.Errors + receiveErrors + words.NextNumber()
            );
        }

        return sum;
    }
}
