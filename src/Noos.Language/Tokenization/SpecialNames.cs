using System.Buffers;
using System.Text;

namespace Noos.Language.Tokenization;

/// <summary>Finds the names of a vocabulary's special tokens in text: the first, and of those that begin there the longest.</summary>
sealed class SpecialNames
{
    readonly Dictionary<char, List<(string Name, int Token)>> _byFirst = [];
    readonly SearchValues<char> _firsts;

    public SpecialNames(Tokenizer tokenizer)
    {
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (tokenizer.IsSpecial(token) && Encoding.UTF8.GetString(tokenizer.BytesOf(token)) is { Length: > 0 } name)
            {
                if (!_byFirst.TryGetValue(name[0], out var names))
                {
                    _byFirst.Add(name[0], names = []);
                }

                names.Add((name, token));
            }
        }

        foreach (var names in _byFirst.Values)
        {
            names.Sort((a, b) => b.Name.Length.CompareTo(a.Name.Length));
        }

        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>Where the first name begins, or -1.</summary>
    public int Find(ReadOnlySpan<char> text, out string name, out int token)
    {
        for (var from = 0; text[from..].IndexOfAny(_firsts) is var offset and >= 0; from++)
        {
            from += offset;
            foreach (var special in _byFirst[text[from]])
            {
                if (text[from..].StartsWith(special.Name, StringComparison.Ordinal))
                {
                    (name, token) = special;
                    return from;
                }
            }
        }

        (name, token) = ("", -1);
        return -1;
    }
}
