namespace Ralm.Drift.Tests.Support;

/// <summary>
/// Python's random.Random(seed).sample(range(n), k), by which published streams were drawn: MT19937 (Matsumoto and Nishimura 1998),
/// seeded by array, and its pool of what is left.
/// </summary>
internal sealed class PythonRandom
{
    private const int Length = 624;

    private readonly uint[] _state = new uint[Length];
    private int _at = Length;

    public PythonRandom(uint seed)
    {
        _state[0] = 19650218;
        for (var i = 1U; i < Length; i++)
        {
            _state[i] = 1812433253U * (_state[i - 1] ^ (_state[i - 1] >> 30)) + i;
        }

        var place = 1;
        for (var k = 0; k < Length; k++)
        {
            Mix(ref place, 1664525U, seed);
        }

        for (var k = 0U; k < Length - 1; k++)
        {
            Mix(ref place, 1566083941U, (uint)-place);
        }

        _state[0] = 0x80000000U;
    }

    public int[] Sample(int n, int k)
    {
        int[] pool = [.. Enumerable.Range(0, n)];
        var drawn = new int[k];
        for (var i = 0; i < k; i++)
        {
            var j = Below(n - i);
            drawn[i] = pool[j];
            pool[j] = pool[n - i - 1];
        }

        return drawn;
    }

    private void Mix(ref int place, uint factor, uint added)
    {
        var before = _state[place - 1];
        _state[place] = (_state[place] ^ ((before ^ (before >> 30)) * factor)) + added;
        if (++place == Length)
        {
            _state[0] = _state[Length - 1];
            place = 1;
        }
    }

    private int Below(int n)
    {
        var bits = 32 - int.LeadingZeroCount(n);
        uint drawn;
        do
        {
            drawn = Next() >> (32 - bits);
        } while (drawn >= n);

        return (int)drawn;
    }

    private uint Next()
    {
        if (_at == Length)
        {
            for (var i = 0; i < Length; i++)
            {
                var y = (_state[i] & 0x80000000U) | (_state[(i + 1) % Length] & 0x7FFFFFFFU);
                _state[i] = _state[(i + 397) % Length] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DFU);
            }

            _at = 0;
        }

        var x = _state[_at++];
        x ^= x >> 11;
        x ^= (x << 7) & 0x9D2C5680U;
        x ^= (x << 15) & 0xEFC60000U;
        return x ^ (x >> 18);
    }
}
