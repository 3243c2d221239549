using System.Runtime.InteropServices;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// Symbols that merging needs but the vocabulary lacks, numbered from the size of the vocabulary on: a character that only occurs inside
/// longer tokens, or a byte without a token. What no merge has taken up is replaced by its tokens at the end, those of its bytes
/// (<c>byte_fallback</c>; "resegmentation" in SentencePiece and llama.cpp). Filled while the vocabulary is built, then read-only.
/// </summary>
/// <param name="vocabularySize">The first virtual symbol.</param>
sealed class OutOfVocabularySymbols(int vocabularySize)
{
    readonly List<int[]> _expansions = [];

    /// <summary>Adds a symbol that stands for these tokens, none included; returns its number.</summary>
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

        // Rare, so it may copy: an expansion can be longer than what it replaces.
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
