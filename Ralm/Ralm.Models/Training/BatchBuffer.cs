using Ralm.Models.Networks;
using Ralm.Models.Seeds;
using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Training;

/// <summary>One mini-batch's numbers, written row by row and read as tensors; the next batch overwrites them.</summary>
/// <param name="seeded">The model that reads it, if it knows candidates by their seeds.</param>
/// <param name="made">Not the seeds are written, but what the model has made of them.</param>
internal sealed class BatchBuffer(InputShape shape, ISeededModel? seeded, Device device, bool made = false)
    : IDisposable
{
    private Tensor? _user;
    private Tensor? _item;
    private Tensor? _context;
    private Tensor? _labels;
    private SeedBuffer? _itemSeeds;
    private SeedBuffer? _userSeeds;
    private Tensor? _userSeen;
    private Tensor? _itemSeen;
    private bool _isSeen;
    private Tensor? _lookAlike;
    private int _capacity;

    /// <summary>Room for that many rows; what was written before is void.</summary>
    /// <param name="clusters">Room for so many clusters of either side's seeds in each row.</param>
    public BatchTarget Target(int rows, (int OfCandidate, int OfUser)? clusters = null)
    {
        Reserve(rows);
        _itemSeeds?.Narrow(clusters?.OfCandidate ?? int.MaxValue);
        _userSeeds?.Narrow(clusters?.OfUser ?? int.MaxValue);
        _isSeen = false;
        return new BatchTarget
        {
            User = FlatVector.Span(_user!)[..(rows * shape.User)],
            Item = FlatVector.Span(_item!)[..(rows * shape.Item)],
            Context = _context is null ? default : FlatVector.Span(_context)[..(rows * shape.Context)],
            Labels = FlatVector.Span(_labels!)[..rows],
        };
    }

    /// <summary>
    /// The seeds of one row's candidate and, where candidates are users, of its user; neither counts the other. With them
    /// how the model sees both, which is known where seeds are.
    /// </summary>
    /// <param name="seeds">Null: none are known.</param>
    /// <param name="before">Seeds that came then or later are not known: microseconds since 1970.</param>
    public void WriteSeeds(int row, SeedTable? seeds, int user, int candidate, long before)
    {
        _itemSeeds?.Write(row, seeds, candidate, except: user, before);
        _userSeeds?.Write(row, seeds, user, except: candidate, before);
        _isSeen = seeds is not null;
        WriteSeen(_userSeen, row, seeds, user);
        WriteSeen(_itemSeen, row, seeds, candidate);
    }

    /// <summary>The same of seeds as a serving node has them.</summary>
    public void WriteSeeds(int row, LiveSeeds? seedsOfCandidate, LiveSeeds? seedsOfUser, string user, string candidate)
    {
        _itemSeeds?.Write(row, seedsOfCandidate, except: user);
        _userSeeds?.Write(row, seedsOfUser, except: candidate);
    }

    /// <summary>What the model made of one row's seeds. None: as without seeds.</summary>
    public void WriteLookAlike(int row, ReadOnlySpan<float> numbers)
    {
        if (_lookAlike is not null)
        {
            var target = FlatVector.Span(_lookAlike).Slice(row * seeded!.LookAlikeWidth, seeded.LookAlikeWidth);
            target.Clear();
            numbers.CopyTo(target);
        }
    }

    /// <summary>The first rows as the model reads them. Valid inside the current dispose scope.</summary>
    public (ModelInput Input, Tensor Labels) Read(int rows) =>
        (
            new ModelInput(
                On(_user!, rows),
                On(_item!, rows),
                _context is null ? null : On(_context, rows),
                _itemSeeds?.Read(rows, On),
                _userSeeds?.Read(rows, On),
                _lookAlike is null ? null : On(_lookAlike, rows),
                _isSeen && _userSeen is not null ? On(_userSeen, rows) : null,
                _isSeen && _itemSeen is not null ? On(_itemSeen, rows) : null
            ),
            On(_labels!, rows)
        );

    public void Dispose()
    {
        _user?.Dispose();
        _item?.Dispose();
        _context?.Dispose();
        _labels?.Dispose();
        _itemSeeds?.Dispose();
        _userSeeds?.Dispose();
        _userSeen?.Dispose();
        _itemSeen?.Dispose();
        _lookAlike?.Dispose();
        (_user, _item, _context, _labels, _capacity) = (null, null, null, null, 0);
    }

    private void WriteSeen(Tensor? to, int row, SeedTable? seeds, int user)
    {
        if (to is not null && seeds is not null)
        {
            seeds.Representation(user).CopyTo(FlatVector.Span(to)[(row * seeded!.RepresentationWidth)..]);
        }
    }

    private Tensor On(Tensor all, int rows) => FlatVector.Part(all, 0, rows, device);

    private void Reserve(int rows)
    {
        if (rows <= _capacity)
        {
            return;
        }

        Dispose();
        _user = FlatVector.Allocate(rows, shape.User);
        _item = FlatVector.Allocate(rows, shape.Item);
        _context = shape.Context == 0 ? null : FlatVector.Allocate(rows, shape.Context);
        _labels = FlatVector.Allocate(rows);
        if (seeded is not null && made)
        {
            _lookAlike = FlatVector.Allocate(rows, seeded.LookAlikeWidth);
        }
        else if (seeded is not null)
        {
            _itemSeeds = new SeedBuffer(seeded.Clusters, seeded.RepresentationWidth, rows);
            _userSeeds = shape.Reciprocal ? new SeedBuffer(seeded.Clusters, seeded.RepresentationWidth, rows) : null;
            _userSeen = FlatVector.Allocate(rows, seeded.RepresentationWidth);
            _itemSeen = shape.Reciprocal ? FlatVector.Allocate(rows, seeded.RepresentationWidth) : null;
        }

        _capacity = rows;
    }
}
