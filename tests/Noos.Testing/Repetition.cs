namespace Noos.Testing;

/// <summary>How a text repeats itself.</summary>
public static class Repetition
{
    const int MaxPeriod = 20;
    const int GramLength = 4;
    const double MinDistinct = 0.6;

    /// <summary>The same 1 to 20 words stand three times in a row, or fewer than 60% of its sequences of four words are distinct.</summary>
    public static bool IsLoop(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return HasPeriod(words) || DistinctShare(words) < MinDistinct;
    }

    /// <summary>The same of the last words: the text ends in circles.</summary>
    public static bool EndsInLoop(string text)
    {
        const int LastWords = 60;
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return IsLoop(string.Join(' ', words.TakeLast(LastWords)));
    }

    static bool HasPeriod(string[] words)
    {
        for (var period = 1; period <= MaxPeriod; period++)
        {
            var run = 0;
            for (var place = period; place < words.Length; place++)
            {
                run = words[place] == words[place - period] ? run + 1 : 0;
                if (run >= 2 * period)
                {
                    return true;
                }
            }
        }

        return false;
    }

    static double DistinctShare(string[] words)
    {
        var count = words.Length - GramLength + 1;
        return count < 1
            ? 1
            : Enumerable.Range(0, count).Select(place => string.Join(' ', words, place, GramLength)).Distinct(StringComparer.Ordinal)
                .Count() / (double)count;
    }
}
