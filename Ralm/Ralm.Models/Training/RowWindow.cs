namespace Ralm.Models.Training;

/// <summary>The newest rows, at most so many: the oldest give way.</summary>
/// <param name="width">Numbers of a row.</param>
internal sealed class RowWindow(int width, int capacity)
{
    private readonly float[] _rows = new float[width * capacity];
    private int _next;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<float> row)
    {
        row.CopyTo(_rows.AsSpan(_next * width, width));
        _next = (_next + 1) % capacity;
        Count = Math.Min(Count + 1, capacity);
    }

    /// <param name="back">0: the newest.</param>
    public ReadOnlySpan<float> this[int back] =>
        back < Count
            ? _rows.AsSpan((_next - 1 - back + capacity) % capacity * width, width)
            : throw new ArgumentOutOfRangeException(nameof(back), back, $"there are {Count} rows");

    /// <summary>All of them, oldest first.</summary>
    public float[] ToArray()
    {
        var all = new float[Count * width];
        for (var k = 0; k < Count; k++)
        {
            this[Count - 1 - k].CopyTo(all.AsSpan(k * width));
        }

        return all;
    }
}
