using System.Text;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Sounds of ARPAbet in the alphabet of espeak-ng's American English: IPA, stress marks before vowels, the flap of "water", the short
/// open vowels before voiceless fricatives.
/// </summary>
static class EspeakAlphabet
{
    /// <param name="sounds">Of one word.</param>
    /// <param name="word">As it is written, where it is known: the spelling decides some reduced vowels.</param>
    public static string Write(ReadOnlySpan<string> sounds, string word = "")
    {
        var text = new StringBuilder(sounds.Length * 2);
        for (var i = 0; i < sounds.Length; i++)
        {
            var sound = sounds[i];
            if (!ArpabetSymbols.IsVowel(sound))
            {
                text.Append(Consonant(sounds, i));
                continue;
            }

            // "button": behind the glottal stop the nasal is the syllable.
            if (sound == "AH0" && text.Length > 0 && text[^1] == 'ʔ')
            {
                text.Append("n̩");
                i++;
                continue;
            }

            text.Append(sound[2] switch { '1' => "ˈ", '2' => "ˌ", _ => "" }).Append(Vowel(sounds, i, word));
        }

        return text.ToString();
    }

    static string Vowel(ReadOnlySpan<string> sounds, int at, string word)
    {
        var (name, isStressed) = (sounds[at][..2], sounds[at][2] != '0');
        var next = at + 1 < sounds.Length ? sounds[at + 1] : "";
        var isLast = next.Length == 0;
        switch (name)
        {
            case "AA":
                return "ɑː";
            case "AE":
                return "æ";
            case "AH":
                return isStressed ? "ʌ"
                    : IsEnding(sounds, at, word) ? "ᵻ"
                    : (at == 0 && word.StartsWith('a')) || (isLast && word.EndsWith('a')) ? "ɐ"
                    : "ə";
            case "AO":
                return next == "R" ? "ɔː"
                    : next is "S" or "F" or "TH" or "NG" ? "ɔ"
                    : next is "G" ? "ɑː"
                    : "ɔː";
            case "AW":
                return "aʊ";
            case "AY":
                return "aɪ";
            case "EH":
                return "ɛ";
            case "ER":
                return isStressed ? "ɜː" : "ɚ";
            case "EY":
                return "eɪ";
            case "IH":
                // Prefixes and endings whose vowel is between i and schwa.
                return !isStressed && ((at == 1 && word.Length > 3 && word[..2] is "de" or "re" or "be" && sounds.Length > 3)
                    || IsEnding(sounds, at, word)) ? "ᵻ" : "ɪ";
            case "IY":
                return isStressed ? "iː" : isLast || ArpabetSymbols.IsVowel(next) || next is "Z" ? "i" : "iː";
            case "OW":
                return "oʊ";
            case "OY":
                return "ɔɪ";
            case "UH":
                return "ʊ";
            default:
                return "uː";
        }
    }

    /// <summary>The vowel of "boxes" and "wanted".</summary>
    static bool IsEnding(ReadOnlySpan<string> sounds, int at, string word) =>
        at == sounds.Length - 2 && (sounds[^1] is "D" or "Z") && word.Length > 2 && word[^2] == 'e';

    static string Consonant(ReadOnlySpan<string> sounds, int at)
    {
        var sound = sounds[at];
        if (sound == "T" && at > 0 && at + 1 < sounds.Length)
        {
            var (before, after) = (sounds[at - 1], sounds[at + 1]);
            var follows = ArpabetSymbols.IsVowel(before) || before == "R";
            if (follows && after == "AH0" && at + 2 < sounds.Length && sounds[at + 2] == "N"
                && (at + 3 == sounds.Length || sounds[at + 3] is "Z" or "S"))
            {
                // "button": the vowel is swallowed.
                return "ʔ";
            }

            // Between vowels, the second of them unstressed, it is a flap.
            if (follows && ArpabetSymbols.IsVowel(after) && after[2] == '0')
            {
                return "ɾ";
            }
        }

        return sound switch
        {
            "B" => "b",
            "CH" => "tʃ",
            "D" => "d",
            "DH" => "ð",
            "F" => "f",
            "G" => "ɡ",
            "HH" => "h",
            "JH" => "dʒ",
            "K" => "k",
            "L" => "l",
            "M" => "m",
            "N" => "n",
            "NG" => "ŋ",
            "P" => "p",
            "R" => "ɹ",
            "S" => "s",
            "SH" => "ʃ",
            "T" => "t",
            "TH" => "θ",
            "V" => "v",
            "W" => "w",
            "Y" => "j",
            "Z" => "z",
            _ => "ʒ",
        };
    }
}
