using System.Runtime.InteropServices;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// Symbols of merging that are no tokens, numbered from the size of the vocabulary on: a character that is only a part of tokens, or a
/// byte without a token. What no merge has taken up is written as tokens at the end.
/// </summary>
/// <param name="vocabularySize">The first virtual symbol.</param>
sealed class VirtualSymbols(int vocabularySize)
{
    readonly List<int[]> _expansions = [];

    public int Add(int[] tokens)
    {
        _expansions.Add(tokens);
        return vocabularySize + _expansions.Count - 1;
    }

    /// <summary>Replaces virtual symbols from <paramref name="start"/> on by their tokens.</summary>
    public void Expand(List<int> symbols, int start)
    {
        if (_expansions.Count == 0)
        {
            return;
        }

        var written = CollectionsMarshal.AsSpan(symbols)[start..];
        var first = written.IndexOfAnyExceptInRange(0, vocabularySize - 1);
        if (first < 0)
        {
            return;
        }

        var rest = written[first..].ToArray();
        symbols.RemoveRange(start + first, rest.Length);
        foreach (var symbol in rest)
        {
            if (symbol < vocabularySize)
            {
                symbols.Add(symbol);
            }
            else
            {
                symbols.AddRange(_expansions[symbol - vocabularySize]);
            }
        }
    }
}
