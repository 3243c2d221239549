using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>Counts over the text of a block.</summary>
struct TextStatistics
{
    /// <summary>Words between white space; two characters of a script without spaces count as one.</summary>
    public int Words;

    public int Letters;
    public int Digits;
    public int UpperCase;

    /// <summary>Full stops, question and exclamation marks at the end of a word.</summary>
    public int Sentences;

    public int Commas;

    /// <summary>Signs that separate items in lines of links: | · » › / •.</summary>
    public int Separators;

    public int CapitalizedWords;
    public bool EndsSentence;
    public bool BeginsUpperCase;
    public bool HasCopyright;

    /// <summary>Names the text: two blocks with the same text have the same hash.</summary>
    public int Hash;

    /// <summary>How many words belong to each <see cref="Topic"/>.</summary>
    public TopicCounts Topics;

    public static TextStatistics Count(ReadOnlySpan<char> text)
    {
        var counts = new TextStatistics { Hash = (int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text)) };
        var wordStart = -1;
        var ideographs = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            if (char.IsWhiteSpace(c))
            {
                if (wordStart >= 0)
                {
                    counts.AddWord(text[wordStart..i]);
                    wordStart = -1;
                }

                continue;
            }

            wordStart = wordStart < 0 ? i : wordStart;
            if (char.IsAsciiDigit(c))
            {
                counts.Digits++;
            }
            else if (char.IsLetter(c))
            {
                counts.Letters++;
                counts.UpperCase += char.IsUpper(c) ? 1 : 0;
                ideographs += c is >= '\u3040' and <= '\u9FFF' or >= '\uAC00' and <= '\uD7A3' ? 1 : 0;
            }
            else
            {
                switch (c)
                {
                    case ',' or '、' or '，' or ';':
                        counts.Commas++;
                        break;
                    case '。' or '！' or '？':
                        counts.Sentences++;
                        break;
                    case '|' or '·' or '»' or '›' or '/' or '•' or '→' or '<' or '>':
                        counts.Separators++;
                        break;
                    case '©':
                        counts.HasCopyright = true;
                        break;
                }
            }
        }

        counts.Words += ideographs / 2;
        var last = text.TrimEnd("\"'”’)»]");
        counts.EndsSentence = last.Length > 0 && last[^1] is '.' or '!' or '?' or '。' or '！' or '？' or ':' or '…';
        counts.BeginsUpperCase = text.Length > 0 && char.IsUpper(text[0]);
        return counts;
    }

    void AddWord(ReadOnlySpan<char> word)
    {
        Words++;
        CapitalizedWords += char.IsUpper(word[0]) ? 1 : 0;
        Sentences += word[^1] is '.' or '!' or '?' && word.Length > 2 ? 1 : 0;
        Topics.Add(TopicVocabulary.Read(word));
    }
}
