using System.Buffers;
using System.Text;
using Noos.Core.Text;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// The measures behind the rules of Gopher, C4 and FineWeb, as numbers: whether one is too large is the affair of a policy. Computed on
/// plain text with a block on a line. Deterministic; thread-safe.
/// </summary>
public static class TextSignals
{
    const int ShortLine = 30;
    const int MinLineWords = 3;
    const int MaxWordLength = 1000;

    static readonly HashSet<string> s_stopWords =
        new(["the", "be", "to", "of", "and", "that", "have", "with"], StringComparer.Ordinal);

    // The ends of sentences in the scripts of the web.
    static readonly SearchValues<char> s_ends = SearchValues.Create(".?!。？！．｡।॥۔؟።።፧၊။។៕᠃᠉‼⁇⁈⁉…։՞՜");

    static readonly SearchValues<string> s_policyWords = SearchValues.Create(
        ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>Measures a text; words are cut by <see cref="TextWords"/>.</summary>
    public static SignalSet Measure(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var signals = new SignalSet();
        var words = TextWords.Split(text);
        MeasureWords(text, words, signals);
        MeasureLines(text, words.Count, signals);
        RepetitionSignals.Measure(text, words, signals);
        return signals;
    }

    static void MeasureWords(string text, List<Range> words, SignalSet signals)
    {
        var (count, characters) = (0, 0L);
        var stops = new HashSet<string>(StringComparer.Ordinal);
        var lookup = s_stopWords.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in words)
        {
            var word = text.AsSpan()[range];
            if (TextWords.IsWord(word))
            {
                count++;
                characters += word.Length;
            }

            if (word.Length < 5 && lookup.TryGetValue(word, out var stop))
            {
                stops.Add(stop);
            }
        }

        signals.Add(SignalNames.Words, count);
        signals.Add(SignalNames.WordLength, Share(characters, count));
        signals.Add(SignalNames.Hashes, Share(text.AsSpan().Count('#'), words.Count));
        signals.Add(SignalNames.Ellipses, Share(CountOf(text, "...") + text.AsSpan().Count('…'), words.Count));
        signals.Add(SignalNames.LetterWords, LetterShare(text));
        signals.Add(SignalNames.StopWords, stops.Count);
    }

    static void MeasureLines(string text, int words, SignalSet signals)
    {
        var (lines, punctuated, shorts, bullets, ellipses, script, policy, sentences) = (0, 0, 0, 0, 0, 0, 0, 0);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (repeated, ends) = (0L, text.AsSpan().Count('\n'));
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var whole = text.AsSpan()[range];
            var line = whole.Trim();
            if (line.IsEmpty)
            {
                continue;
            }

            lines++;
            punctuated += s_ends.Contains(whole[^1]) ? 1 : 0;
            shorts += whole.Length <= ShortLine ? 1 : 0;
            bullets += line[0] is '•' or '-' ? 1 : 0;
            ellipses += line.EndsWith("...", StringComparison.Ordinal) || line[^1] == '…' ? 1 : 0;
            repeated += seen.GetAlternateLookup<ReadOnlySpan<char>>().Add(whole) ? 0 : whole.Length;
            var isScript = line.Contains("javascript", StringComparison.OrdinalIgnoreCase);
            var isPolicy = line.ContainsAny(s_policyWords);
            script += isScript ? 1 : 0;
            policy += isPolicy ? 1 : 0;
            sentences += !isScript && !isPolicy && IsProse(line) ? CountSentences(line) : 0;
        }

        signals.Add(SignalNames.BulletLines, Share(bullets, lines));
        signals.Add(SignalNames.EllipsisLines, Share(ellipses, lines));
        signals.Add(SignalNames.PunctuatedLines, Share(punctuated, lines));
        signals.Add(SignalNames.ShortLines, Share(shorts, lines));
        signals.Add(SignalNames.DuplicateLineCharacters, Share(repeated, text.Length - ends));
        signals.Add(SignalNames.LinesPerWord, Share(ends, words));
        signals.Add(SignalNames.LoremIpsum, CountOf(text, "lorem ipsum"));
        signals.Add(SignalNames.Braces, text.AsSpan().Count('{'));
        signals.Add(SignalNames.ScriptLines, Share(script, lines));
        signals.Add(SignalNames.PolicyLines, Share(policy, lines));
        signals.Add(SignalNames.Sentences, sentences);
    }

    /// <summary>C4 keeps lines of at least three words that end as sentences do.</summary>
    static bool IsProse(ReadOnlySpan<char> line)
    {
        if (line.EndsWith("...", StringComparison.Ordinal) || !(s_ends.Contains(line[^1]) || line[^1] is '"' or '\'' or '”' or '’' or '」'))
        {
            return false;
        }

        var count = 0;
        foreach (var range in line.SplitAny(' ', '\t'))
        {
            var word = line[range];
            if (word.Length > MaxWordLength)
            {
                return false;
            }

            count += word.IsEmpty ? 0 : 1;
        }

        // Without spaces there are no words to count.
        return count >= MinLineWords || (Rune.DecodeFromUtf16(line, out var first, out _) == OperationStatus.Done
            && TextWords.IsUnspaced(first) && line.Length >= 2 * MinLineWords);
    }

    /// <summary>Ends of sentences, with a space or the end of the line behind them.</summary>
    static int CountSentences(ReadOnlySpan<char> line)
    {
        var count = 0;
        for (var at = 0; at < line.Length; at++)
        {
            if (s_ends.Contains(line[at]) && (at + 1 == line.Length || line[at] > '~' || line[at + 1] is ' ' or '"' or '”' or '\'' or ')'))
            {
                count++;
            }
        }

        return Math.Max(1, count);
    }

    /// <summary>Of what stands between spaces, as the paper counts.</summary>
    static double LetterShare(string text)
    {
        var (all, withLetter) = (0, 0);
        foreach (var range in text.AsSpan().SplitAny(' ', '\n', '\t'))
        {
            var word = text.AsSpan()[range];
            all += word.IsEmpty ? 0 : 1;
            withLetter += !word.IsEmpty && HasLetter(word) ? 1 : 0;
        }

        return Share(withLetter, all);
    }

    static bool HasLetter(ReadOnlySpan<char> word)
    {
        foreach (var rune in word.EnumerateRunes())
        {
            if (Rune.IsLetter(rune))
            {
                return true;
            }
        }

        return false;
    }

    static int CountOf(string text, string part)
    {
        var count = 0;
        for (var at = 0; (at = text.IndexOf(part, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += part.Length)
        {
            count++;
        }

        return count;
    }

    static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
