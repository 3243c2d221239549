using System.Text;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Core.Storage;
using ZstdSharp;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Packs a pronouncing dictionary and learns spelling from it: how the two files of English beside this one are made, from the CMU
/// Pronouncing Dictionary (https://github.com/cmusphinx/cmudict).
/// </summary>
public static partial class LexiconFile
{
    /// <summary>Every so-manieth word is left out of the learning whose result is examined.</summary>
    const int HeldOut = 20;

    /// <summary>Writes english.lex.zst and english.lts.zst.</summary>
    /// <param name="dictionary">Lines of a word and its sounds; other pronunciations of a word carry a number in parentheses.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="progress">Told what happens.</param>
    /// <exception cref="NoosException">The dictionary is none.</exception>
    public static void Make(string dictionary, string folder, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var entries = Read(dictionary);
        progress($"{entries.Count} words.");
        AtomicFile.Write(Path.Combine(folder, "english.lex.zst"), target =>
        {
            using var packed = new CompressionStream(target, 19);
            foreach (var (word, sounds) in entries)
            {
                packed.Write(Encoding.ASCII.GetBytes($"{word}\t{sounds}\n"));
            }
        });

        // Spelling is learnt from words, not from abbreviations.
        List<(string Word, string Sounds)> plain = [.. entries.Where(entry => entry.Word.Length > 2 && entry.Word.All(char.IsAsciiLetter))];
        var examined = LetterToSoundTrainer.Train([.. plain.Where((_, i) => i % HeldOut != 0)]);
        var (right, rightButStress, all) = (0, 0, 0);
        foreach (var (word, sounds) in plain.Where((_, i) => i % HeldOut == 0))
        {
            var expected = ArpabetSymbols.Unpack(sounds);
            var made = examined.Pronounce(word);
            all++;
            right += made.SequenceEqual(expected) ? 1 : 0;
            rightButStress += made.Select(Bare).SequenceEqual(expected.Select(Bare)) ? 1 : 0;
        }

        progress(
            $"Of {all} words that it had not seen {100.0 * right / all:F1}% are right, {100.0 * rightButStress / all:F1}% but for stress.");
        AtomicFile.Write(Path.Combine(folder, "english.lts.zst"), LetterToSoundTrainer.Train(plain).Write);

        static string Bare(string sound) => ArpabetSymbols.IsVowel(sound) ? sound[..2] : sound;
    }

    static List<(string Word, string Sounds)> Read(string dictionary)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var line in File.ReadLines(dictionary).Where(line => !line.StartsWith(";;;", StringComparison.Ordinal)))
            {
                var fields = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 1 && Word().IsMatch(fields[0].ToLowerInvariant()))
                {
                    entries.TryAdd(fields[0].ToLowerInvariant(), new string([.. fields.Skip(1).Select(ArpabetSymbols.Pack)]));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new NoosException(
                $"'{dictionary}' cannot be read as a pronouncing dictionary: {e.Message.TrimEnd('.')}; give cmudict.dict.", e);
        }

        return entries.Count > 0
            ? [.. entries.Select(entry => (entry.Key, entry.Value))]
            : throw new NoosException($"'{dictionary}' has no lines of a word and its sounds; give cmudict.dict.");
    }

    [GeneratedRegex(@"^'?[a-z][a-z'.-]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
