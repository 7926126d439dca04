using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Win32.SafeHandles;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;

namespace Ralm.Datasets.Files;

/// <summary>
/// The seeds of a model's training data as they are stored: each person once, then per candidate who its seeds are. Reading
/// takes eight bytes of memory a person; features are read when they are asked for.
/// </summary>
public sealed class SeedFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly long[] _people;
    private long _next;

    private SeedFile(string path)
    {
        _path = path;
        _file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            Head = SeedFileHead.Parser.ParseFrom(Next());
            _people = new long[Head.People];
            for (var k = 0; k < _people.Length; k++)
            {
                _people[k] = _next;
                _next += sizeof(int) + Length(_next);
            }
        }
        catch (Exception e)
        {
            _file.Dispose();
            if (e is InvalidProtocolBufferException or OverflowException)
            {
                throw new ArtifactException($"{path} is refused: {e.Message}", e);
            }

            throw;
        }
    }

    public SeedFileHead Head { get; }

    /// <summary>Candidates read so far.</summary>
    public int Read { get; private set; }

    public static void Write(
        string path,
        SeedFileHead head,
        IEnumerable<SeedFilePerson> people,
        IEnumerable<SeedFileAudience> audiences
    )
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in people.Cast<IMessage>().Prepend(head).Concat(audiences))
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.CalculateSize());
            stream.Write(length);
            part.WriteTo(stream);
        }

        stream.Flush(flushToDisk: true);
    }

    /// <exception cref="ArtifactException">It is cut short, or no such file.</exception>
    public static SeedFile Open(string path)
    {
        try
        {
            return new SeedFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArtifactException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Passes over candidates.</summary>
    public void Skip(int audiences)
    {
        for (var k = 0; k < audiences; k++)
        {
            _next += sizeof(int) + Length(_next);
            Read++;
        }
    }

    /// <summary>The next candidate and its seeds, without sample numbers; null: there are no more.</summary>
    /// <exception cref="ArtifactException">The file is cut short.</exception>
    public (string UserId, IReadOnlyList<Seed> Seeds)? NextAudience()
    {
        if (Read == Head.Audiences)
        {
            return null;
        }

        var audience = SeedFileAudience.Parser.ParseFrom(Next());
        Read++;
        var seeds = new Seed[audience.People.Count];
        for (var k = 0; k < seeds.Length; k++)
        {
            var person = SeedFilePerson.Parser.ParseFrom(Bytes(_people[audience.People[k]]));
            seeds[k] = new Seed { UserId = person.UserId, Features = person.Features };
            if (audience.At.Count > 0 && audience.At[k] > 0)
            {
                seeds[k].At = Timestamp.FromDateTime(DateTime.UnixEpoch.AddTicks(audience.At[k] * 10));
            }
        }

        return (audience.UserId, seeds);
    }

    public void Dispose() => _file.Dispose();

    private byte[] Next()
    {
        var bytes = Bytes(_next);
        _next += sizeof(int) + bytes.Length;
        return bytes;
    }

    private byte[] Bytes(long at) => ReadExactly(at + sizeof(int), new byte[Length(at)]);

    private int Length(long at)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(ReadExactly(at, new byte[sizeof(int)]));
        return length >= 0 ? length : throw new ArtifactException($"{_path} is refused: a length of {length} at {at}");
    }

    private byte[] ReadExactly(long at, byte[] to)
    {
        for (var read = 0; read < to.Length; )
        {
            var more = RandomAccess.Read(_file, to.AsSpan(read), at + read);
            read += more > 0 ? more : throw new ArtifactException($"{_path} is refused: it ends at {at + read}");
        }

        return to;
    }
}
