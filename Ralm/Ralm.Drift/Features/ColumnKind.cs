namespace Ralm.Drift.Features;

public enum ColumnKind
{
    Number,

    Category,
}
