using System.Buffers;
using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Inference.Sampling;

/// <summary>
/// Follows a generated text and says which tokens are taken greedily although the rest is drawn: the first few, which decide what the
/// answer is about, those of tool calls, of quoted spans and of numbers, and those that go on with a word, where a varied choice is an
/// error and no style. The prompt does not count. For one generation; not thread-safe.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="isInCall">Whether the next token belongs to a tool call; null where there are none.</param>
sealed class GreedySpanTracker(Tokenizer tokenizer, Func<bool>? isInCall = null)
{
    // A small model that is led astray by its first words does not find back: of 200 questions of small talk, 3.6% go wrong when all prose
    // is drawn, 2.4% when it is drawn from the fourth token on, 2.1% from the sixth (24 seeds; greedily 2.5%).
    const int OpeningTokens = 5;

    // A quote that is never closed must not make the rest of an answer greedy.
    const int MaxQuoteTokens = 48;

    // Latin, Greek, Cyrillic and Armenian come before it.
    const char FirstOther = '\u0590';

    // Single quotes are left out: most of them are apostrophes.
    const string Openings = "\u201C\u201E\u00AB\u2039\u300C\u300E\"";
    const string Closings = "\u201D\u201C\u00BB\u203A\u300D\u300F\"";

    readonly StreamingTextDecoder _decoder = new(tokenizer);
    char _closing;
    char _last = '\n';
    int _quoteTokens;
    int _tokens;

    /// <summary>The next token is taken greedily whatever it is.</summary>
    public bool IsInside => _tokens < OpeningTokens
        // After a digit the number goes on or ends: both are for the most likely token to say.
        || char.IsAsciiDigit(_last) || (_closing != '\0' && _quoteTokens < MaxQuoteTokens) || isInCall?.Invoke() == true;

    /// <summary>
    /// The most likely token begins or continues a number, goes on with a word, or is a mark of the layout, such as the one that opens a
    /// call.
    /// </summary>
    public bool Begins(int mostLikely) => IsMark(mostLikely) || ContinuesWord(mostLikely)
        || (mostLikely < tokenizer.VocabularySize && tokenizer.BytesOf(mostLikely).ContainsAnyInRange((byte)'0', (byte)'9'));

    /// <summary>
    /// Whether a token is a mark of the layout that ends nothing: a drawn one gives way to the most likely token, so that calls and
    /// thoughts begin only where they would greedily.
    /// </summary>
    public bool IsMark(int token) => token < tokenizer.VocabularySize && tokenizer.IsSpecial(token) && !tokenizer.EndsGeneration(token);

    /// <summary>The token goes on with a word that was begun.</summary>
    public bool ContinuesWord(int token)
    {
        if (!IsSpaced(_last) || token >= tokenizer.VocabularySize || tokenizer.IsSpecial(token))
        {
            return false;
        }

        return Rune.DecodeFromUtf8(tokenizer.BytesOf(token), out var first, out _) == OperationStatus.Done
            && first.IsBmp && IsSpaced((char)first.Value);
    }

    /// <summary>A letter of a script that puts spaces between words; in others a word has no end that could be seen.</summary>
    static bool IsSpaced(char character) => character < FirstOther && char.IsLetter(character);

    /// <summary>Moves on by a generated token.</summary>
    public void Accept(int token)
    {
        _tokens++;
        _quoteTokens++;
        if (token >= tokenizer.VocabularySize || tokenizer.IsSpecial(token))
        {
            (_closing, _last) = ('\0', '\n');
            return;
        }

        foreach (var character in _decoder.Push(token))
        {
            Read(character);
        }
    }

    void Read(char character)
    {
        if (_closing != '\0')
        {
            // Quotes do not reach over the end of a paragraph; a quote after a backslash is a part of the quoted text.
            if (character == '\n' || (character == _closing && _last != '\\'))
            {
                _closing = '\0';
            }
        }
        else if (Openings.IndexOf(character, StringComparison.Ordinal) is var place and >= 0
            // A straight quote after a letter or digit closes, or means inches.
            && !(character == '"' && char.IsLetterOrDigit(_last)))
        {
            (_closing, _quoteTokens) = (Closings[place], 0);
        }

        // Two backslashes are one, so the second escapes nothing.
        _last = character == '\\' && _last == '\\' ? ' ' : character;
    }
}
