using Ralm.Models.Networks;

namespace Ralm.Models.Training;

/// <summary>An encoded sample as one row of numbers: user, item, context, what is known of seeds, label.</summary>
internal sealed class RowForm(InputShape shape, int lookAlike)
{
    public int Width { get; } = shape.User + shape.Item + shape.Context + lookAlike + 1;

    /// <summary>Gathers what was written to a row of the target.</summary>
    public void Write(Span<float> row, in BatchTarget from, int at, ReadOnlySpan<float> seen)
    {
        from.User.Slice(at * shape.User, shape.User).CopyTo(row);
        from.Item.Slice(at * shape.Item, shape.Item).CopyTo(row[shape.User..]);
        from.Context.Slice(at * shape.Context, shape.Context).CopyTo(row[(shape.User + shape.Item)..]);
        seen.CopyTo(row[(shape.User + shape.Item + shape.Context)..]);
        row[^1] = from.Labels[at];
    }

    /// <summary>Of rows one behind the other.</summary>
    public float[] Labels(ReadOnlySpan<float> rows)
    {
        var labels = new float[rows.Length / Width];
        for (var k = 0; k < labels.Length; k++)
        {
            labels[k] = rows[((k + 1) * Width) - 1];
        }

        return labels;
    }

    /// <summary>Gives the row back to a model's target.</summary>
    public void Read(ReadOnlySpan<float> row, Learner to, in BatchTarget target, int at)
    {
        row[..shape.User].CopyTo(target.User[(at * shape.User)..]);
        row = row[shape.User..];
        row[..shape.Item].CopyTo(target.Item[(at * shape.Item)..]);
        row = row[shape.Item..];
        row[..shape.Context].CopyTo(target.Context[(at * shape.Context)..]);
        row = row[shape.Context..];
        to.WriteLookAlike(at, row[..lookAlike]);
        target.Labels[at] = row[^1];
    }
}
