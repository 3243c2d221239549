using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>Gopher's rules of repetition (Rae et al. 2021, table A1), as datatrove computes them: on words, with marks as words.</summary>
static class RepetitionSignals
{
    const int MinTop = 2;
    const int MaxTop = 4;
    const int MinRepeated = 5;
    const int MaxRepeated = 10;

    public static void Measure(string text, List<Range> words, SignalSet signals)
    {
        if (text.Length == 0)
        {
            return;
        }

        var paragraphs = Duplicates(SplitParagraphs(text.AsSpan().Trim()));
        signals.Add(SignalNames.RepeatedParagraphs, Share(paragraphs.Elements, paragraphs.All));
        signals.Add(SignalNames.RepeatedParagraphCharacters, Share(paragraphs.Characters, text.Length));
        var lines = Duplicates(SplitLines(text));
        signals.Add(SignalNames.RepeatedLines, Share(lines.Elements, lines.All));
        signals.Add(SignalNames.RepeatedLineCharacters, Share(lines.Characters, text.Length));

        var hashes = new ulong[words.Count];
        var lengths = new int[words.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            var word = text.AsSpan()[words[i]];
            (hashes[i], lengths[i]) = (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(word)), word.Length);
        }

        for (var length = MinTop; length <= MaxTop; length++)
        {
            signals.Add(SignalNames.TopGram(length), Share(FindTop(hashes, lengths, length), text.Length));
        }

        for (var length = MinRepeated; length <= MaxRepeated; length++)
        {
            signals.Add(SignalNames.RepeatedGrams(length), Share(CountRepeated(hashes, lengths, length), text.Length));
        }
    }

    /// <summary>Characters in elements that have come before.</summary>
    public static (int All, int Elements, long Characters) Duplicates(IEnumerable<string> elements)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (all, repeated, characters) = (0, 0, 0L);
        foreach (var element in elements)
        {
            all++;
            if (!seen.Add(element))
            {
                repeated++;
                characters += element.Length;
            }
        }

        return (all, repeated, characters);
    }

    /// <summary>Characters of the most frequent n-gram, in all its places.</summary>
    static long FindTop(ulong[] hashes, int[] lengths, int length)
    {
        var counts = new Dictionary<ulong, (int Count, int Characters)>();
        var best = (Count: 0, Characters: 0, Order: 0);
        for (var i = 0; i + length <= hashes.Length; i++)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, Combine(hashes, i, length), out var exists);
            if (!exists)
            {
                entry.Characters = length - 1;
                for (var j = i; j < i + length; j++)
                {
                    entry.Characters += lengths[j];
                }
            }

            entry.Count++;
        }

        // Of equally frequent ones the first counts; a dictionary that nothing was removed from keeps the order.
        foreach (var (count, characters) in counts.Values)
        {
            best = count > best.Count ? (count, characters, 0) : best;
        }

        return (long)best.Count * best.Characters;
    }

    /// <summary>Characters in n-grams that have come before, none counted twice.</summary>
    static long CountRepeated(ulong[] hashes, int[] lengths, int length)
    {
        var seen = new HashSet<ulong>();
        var characters = 0L;
        for (var i = 0; i + length <= hashes.Length;)
        {
            if (seen.Add(Combine(hashes, i, length)))
            {
                i++;
                continue;
            }

            for (var end = i + length; i < end; i++)
            {
                characters += lengths[i];
            }
        }

        return characters;
    }

    static ulong Combine(ulong[] hashes, int start, int length)
    {
        var hash = (ulong)length;
        for (var i = start; i < start + length; i++)
        {
            hash = (hash ^ hashes[i]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return hash;
    }

    static List<string> SplitParagraphs(ReadOnlySpan<char> text)
    {
        var paragraphs = new List<string>();
        var start = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length)
            {
                paragraphs.Add(text[start..].ToString());
            }
            else if (text[at] == '\n' && at + 1 < text.Length && text[at + 1] == '\n')
            {
                paragraphs.Add(text[start..at].ToString());
                while (at < text.Length && text[at] == '\n')
                {
                    at++;
                }

                start = at--;
            }
        }

        return paragraphs;
    }

    /// <summary>An end of a line at the end gives an empty line, which counts.</summary>
    static List<string> SplitLines(string text)
    {
        var lines = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n')
            {
                lines.Add(text[start..at]);
                while (at + 1 < text.Length && text[at + 1] == '\n')
                {
                    at++;
                }

                start = at + 1;
            }
        }

        lines.Add(text[start..]);
        return lines;
    }

    static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
