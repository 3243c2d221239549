namespace Noos.Peripherals.Voice.English;

/// <summary>
/// The sounds of American English as the CMU Pronouncing Dictionary writes them (ARPAbet, vowels with a digit for their stress), and the
/// characters that stand for them in the packed dictionary.
/// </summary>
static class ArpabetSymbols
{
    const char First = '!';

    static readonly string[] s_vowels = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"];

    static readonly string[] s_consonants =
    [
        "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W", "Y", "Z", "ZH",
    ];

    static readonly string[] s_symbols =
        [.. s_vowels.SelectMany(vowel => (string[])[vowel + "0", vowel + "1", vowel + "2"]), .. s_consonants];

    /// <summary>How many there are.</summary>
    public static int Count => s_symbols.Length;

    /// <summary>The sound of a character, such as "AH0"; null for none.</summary>
    public static string? Find(char code) => code >= First && code - First < s_symbols.Length ? s_symbols[code - First] : null;

    /// <summary>The sounds of a packed pronunciation.</summary>
    /// <exception cref="FormatException">A character stands for none.</exception>
    public static string[] Unpack(ReadOnlySpan<char> codes)
    {
        var sounds = new string[codes.Length];
        for (var i = 0; i < sounds.Length; i++)
        {
            sounds[i] = Find(codes[i]) ?? throw new FormatException($"'{codes[i]}' stands for no sound");
        }

        return sounds;
    }

    /// <summary>The character of a sound.</summary>
    /// <exception cref="FormatException">There is no such sound.</exception>
    public static char Pack(string sound) => Array.IndexOf(s_symbols, sound) is >= 0 and var index
        ? (char)(First + index)
        : throw new FormatException($"'{sound}' is no sound of ARPAbet");

    public static bool IsVowel(string sound) => sound.Length == 3;
}
