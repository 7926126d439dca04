namespace RalmActors.Monitoring.Meters;

/// <summary>What has been measured under one set of labels. Many threads add to it; nothing is allocated for a measurement.</summary>
internal sealed class MetricCell(bool isHistogram)
{
    private readonly long[]? _counts = isHistogram ? new long[Distribution.Buckets] : null;
    private long _whole;
    private double _sum;

    public double Value => Interlocked.Read(ref _whole) + Volatile.Read(ref _sum);

    public long[]? Counts => _counts is null ? null : [.. _counts];

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        double was;
        do
        {
            was = Volatile.Read(ref _sum);
        } while (Interlocked.CompareExchange(ref _sum, was + value, was) != was);
    }

    public void Record(double value)
    {
        if (double.IsFinite(value))
        {
            Interlocked.Increment(ref _counts![Distribution.BucketOf(value)]);
            Add(value);
        }
    }

    /// <summary>Of what is observed: the value, not a step.</summary>
    public void Set(double value)
    {
        Interlocked.Exchange(ref _whole, 0);
        Volatile.Write(ref _sum, value);
    }
}
