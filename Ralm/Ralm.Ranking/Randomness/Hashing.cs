using System.IO.Hashing;
using System.Text;

namespace Ralm.Ranking.Randomness;

/// <summary>The hashing trick (Weinberger et al. 2009): a place for every value without a vocabulary.</summary>
internal static class Hashing
{
    public static ulong Key(string value) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(value));

    public static int Bucket(string value, int buckets) => (int)(Key(value) % (ulong)buckets);

    /// <summary>Runs of letters and digits, in lower case.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
