using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// The ids of a cell's accepted exposures and outcomes, each its unit's own as long as the test lives: 20 bytes each.
/// Immutable: a change copies one page of some hundred. Among a million ids two share a hash with probability 3e-8; the
/// second is then refused as another command.
/// </summary>
public sealed class AcceptedIds
{
    private const int MaxPerPage = 256;

    private readonly Page[] _pages;
    private readonly int _bits;

    private AcceptedIds(Page[] pages, int bits, int count) => (_pages, _bits, Count) = (pages, bits, count);

    public static readonly AcceptedIds Empty = new([Page.Empty], 0, 0);

    public int Count { get; }

    /// <param name="Command">Its short digest; 0: not known.</param>
    /// <param name="Revision">The cell's after it, which is what was answered.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Accepted(ulong Command, uint Revision);

    /// <summary>An id under its unit's key.</summary>
    public static ulong IdOf(ulong unit, string commandId) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(commandId), (long)unit);

    /// <summary>A repetition hears what the first was told, another command under its id is refused; else <c>null</c>.</summary>
    /// <param name="command">Of what is decided.</param>
    public Decision? Recognise(ulong unit, ICommand decided, ulong command)
    {
        var id = IdOf(unit, decided.Header.CommandId);
        var page = _pages[PageOf(id)];
        var at = Array.BinarySearch(page.Ids, id);
        return at < 0 ? null
            : page.Commands[at] == 0 || page.Commands[at] == command
                ? Decision.Duplicate(decided.Header, page.Revisions[at])
            : Decision.OtherCommand(
                decided,
                CommandDigest.FromShort(command),
                CommandDigest.FromShort(page.Commands[at])
            );
    }

    /// <summary>One more; of an id that is known, the first stays.</summary>
    public AcceptedIds With(ulong id, Accepted accepted)
    {
        var index = PageOf(id);
        var page = _pages[index];
        var at = Array.BinarySearch(page.Ids, id);
        if (at >= 0)
        {
            return this;
        }

        if (page.Ids.Length >= 2 * MaxPerPage)
        {
            return Split().With(id, accepted);
        }

        var pages = (Page[])_pages.Clone();
        pages[index] = page.Insert(~at, id, accepted);
        return new AcceptedIds(pages, _bits, Count + 1);
    }

    public void CopyTo(CellSnapshot snapshot)
    {
        foreach (var page in _pages)
        {
            snapshot.Ids.AddRange(page.Ids);
            snapshot.Commands.AddRange(page.Commands);
            snapshot.Revisions.AddRange(page.Revisions);
        }
    }

    public static AcceptedIds From(CellSnapshot snapshot)
    {
        ulong[] ids = [.. snapshot.Ids];
        ulong[] commands = [.. snapshot.Commands];
        uint[] revisions = [.. snapshot.Revisions];
        var (bits, pages) = HashPages.Cut(ids, MaxPerPage);
        return new AcceptedIds([.. pages.Select(p => new Page(ids[p], commands[p], revisions[p]))], bits, ids.Length);
    }

    private AcceptedIds Split() => new([.. _pages.SelectMany((p, i) => p.Halves(i, _bits))], _bits + 1, Count);

    private int PageOf(ulong id) => HashPages.IndexOf(id, _bits);

    private sealed record Page(ulong[] Ids, ulong[] Commands, uint[] Revisions)
    {
        public static readonly Page Empty = new([], [], []);

        public Page Insert(int at, ulong id, Accepted accepted) =>
            new(
                [.. Ids.AsSpan(0, at), id, .. Ids.AsSpan(at)],
                [.. Commands.AsSpan(0, at), accepted.Command, .. Commands.AsSpan(at)],
                [.. Revisions.AsSpan(0, at), accepted.Revision, .. Revisions.AsSpan(at)]
            );

        public IEnumerable<Page> Halves(int index, int bits)
        {
            var cut = HashPages.Middle(Ids, index, bits);
            yield return new Page(Ids[..cut], Commands[..cut], Revisions[..cut]);
            yield return new Page(Ids[cut..], Commands[cut..], Revisions[cut..]);
        }
    }
}
