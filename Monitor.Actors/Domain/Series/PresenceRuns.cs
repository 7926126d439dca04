namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Which samplings of a column had a value, as the lengths of runs: with a value, without, and so on to the end. A length is 7 bits a
/// byte, the lowest first; the highest bit says that more follow.
/// </summary>
public static class PresenceRuns
{
    private const int BitsPerByte = 7;
    private const byte More = 0x80;

    public static byte[] Write(ReadOnlySpan<double> column)
    {
        var bytes = new List<byte>();
        for (var (at, present) = (0, true); at < column.Length; present = !present)
        {
            var start = at;
            while (at < column.Length && Sampling.IsAbsent(column[at]) != present)
            {
                at++;
            }

            var length = at - start;
            for (; length >= More; length >>= BitsPerByte)
            {
                bytes.Add((byte)(length | More));
            }

            bytes.Add((byte)length);
        }

        return [.. bytes];
    }

    /// <returns>Indices of samplings with a value, and how many bytes said so.</returns>
    /// <exception cref="FormatException">The bytes end too early, or say more samplings than there are.</exception>
    public static (List<int> Present, int Length) Read(ReadOnlySpan<byte> bytes, int samplings)
    {
        var present = new List<int>(samplings);
        var read = 0;
        for (var (at, isPresent) = (0, true); at < samplings; isPresent = !isPresent)
        {
            var (length, shift) = (0, 0);
            byte part;
            do
            {
                part =
                    read < bytes.Length && shift < 28
                        ? bytes[read++]
                        : throw new FormatException("runs of a column have no end");
                length |= (part & ~More) << shift;
                shift += BitsPerByte;
            } while ((part & More) != 0);

            if (length > samplings - at)
            {
                throw new FormatException($"runs of a column say more than its {samplings} samplings");
            }

            if (isPresent)
            {
                present.AddRange(Enumerable.Range(at, length));
            }

            at += length;
        }

        return (present, read);
    }
}
