namespace Noos.Peripherals.Call;

/// <summary>
/// What the loudspeaker has said last, to know it again when a microphone hears it: most words of an echo stand in it, in this order.
/// Not thread-safe.
/// </summary>
sealed class SpokenWords
{
    // The last sentences: as much as one turn can have of them.
    const int MaxWords = 400;

    // An ear hears an echo worse than a person, and still most of its words.
    const double MinShare = 0.6;

    readonly List<string> _words = [];
    string? _last;

    public void Add(string sentence)
    {
        if (sentence == _last)
        {
            return;
        }

        _last = sentence;
        _words.AddRange(Split(sentence));
        _words.RemoveRange(0, Math.Max(0, _words.Count - MaxWords));
    }

    public void Clear()
    {
        _words.Clear();
        _last = null;
    }

    /// <summary>Whether what was heard is what was said: the longest common subsequence of words has most of what was heard.</summary>
    public bool Contain(string heard)
    {
        var words = Split(heard);
        if (words.Count == 0)
        {
            return true;
        }

        var row = new int[words.Count + 1];
        foreach (var said in _words)
        {
            for (var (i, diagonal) = (1, 0); i < row.Length; i++)
            {
                var above = row[i];
                row[i] = said == words[i - 1] ? diagonal + 1 : Math.Max(above, row[i - 1]);
                diagonal = above;
            }
        }

        return row[^1] >= MinShare * words.Count;
    }

    static List<string> Split(string text)
    {
        List<string> words = [];
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var letters = string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();
            if (letters.Length > 0)
            {
                words.Add(letters);
            }
        }

        return words;
    }
}
