using System.Text;
using ZstdSharp;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Pronunciations of 126,000 English words: the CMU Pronouncing Dictionary (Carnegie Mellon University, BSD-2), the first pronunciation
/// of each word. Lines "word, tab, sounds" in the order of their bytes, searched where they lie. Thread-safe.
/// </summary>
sealed class Lexicon
{
    static readonly Lazy<Lexicon> s_english = new(Load);
    readonly byte[] _lines;

    /// <param name="lines">Sorted by their bytes, each ended by a line feed.</param>
    internal Lexicon(byte[] lines) => _lines = lines;

    public static Lexicon English => s_english.Value;

    /// <summary>The sounds of a word in small letters; null where it is not known.</summary>
    public string[]? Find(string word)
    {
        var wanted = Encoding.UTF8.GetBytes(word + '\t');
        var (low, high) = (0, _lines.Length);
        while (low < high)
        {
            // The line that holds the middle.
            var middle = (low + high) / 2;
            var start = _lines.AsSpan(0, middle).LastIndexOf((byte)'\n') + 1;
            var end = _lines.AsSpan(middle).IndexOf((byte)'\n') is >= 0 and var rest ? middle + rest : _lines.Length;
            var line = _lines.AsSpan(start, end - start);
            if (line.StartsWith(wanted))
            {
                return ArpabetSymbols.Unpack(Encoding.ASCII.GetString(line[wanted.Length..]));
            }

            // The tab sorts before every letter, so that a word comes before those that it begins.
            if (line.SequenceCompareTo(wanted) < 0)
            {
                low = end + 1;
            }
            else
            {
                high = start;
            }
        }

        return null;
    }

    static Lexicon Load()
    {
        using var resource = typeof(Lexicon).Assembly.GetManifestResourceStream("Noos.Peripherals.Voice.English.english.lex.zst")!;
        using var stream = new DecompressionStream(resource);
        using var lines = new MemoryStream(2 << 20);
        stream.CopyTo(lines);
        return new Lexicon(lines.ToArray());
    }
}
