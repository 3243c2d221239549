using System.Globalization;
using System.Text;
using Noos.Language.Tokenization.Merging;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Written English to sounds: normalized to words, each looked up or, where no dictionary has it, spelled by
/// <see cref="LetterToSound"/>; words of grammar in their weak forms. Thread-safe.
/// </summary>
public sealed class EnglishPhonemizer : IPhonemizer
{
    const string Marks = ".,;:!?";

    static readonly string[] s_letters =
    [
        "EY1", "B IY1", "S IY1", "D IY1", "IY1", "EH1 F", "JH IY1", "EY1 CH", "AY1", "JH EY1", "K EY1", "EH1 L", "EH1 M", "EH1 N", "OW1",
        "P IY1", "K Y UW1", "AA1 R", "EH1 S", "T IY1", "Y UW1", "V IY1", "D AH1 B AH0 L Y UW0", "EH1 K S", "W AY1", "Z IY1",
    ];

    // Words with several pronunciations of which the dictionary gives a rarer one first.
    static readonly Dictionary<string, string> s_usual = new(StringComparer.Ordinal)
    {
        ["read"] = "R IY1 D",
        ["lead"] = "L IY1 D",
        ["wind"] = "W IH1 N D",
        ["minute"] = "M IH1 N AH0 T",
        ["tear"] = "T IH1 R",
        ["bow"] = "B OW1",
        ["row"] = "R OW1",
        ["wound"] = "W UW1 N D",
        ["live"] = "L IH1 V",
        ["object"] = "AA1 B JH EH0 K T",
        ["content"] = "K AA1 N T EH0 N T",
        ["record"] = "R EH1 K ER0 D",
        ["present"] = "P R EH1 Z AH0 N T",
        ["close"] = "K L OW1 Z",
    };

    static readonly Dictionary<string, string> s_after = new(StringComparer.Ordinal)
    {
        // "have read", "was read"; "to record", "to present".
        ["read"] = "R EH1 D",
        ["record"] = "R AH0 K AO1 R D",
        ["present"] = "P R IY0 Z EH1 N T",
        ["object"] = "AH0 B JH EH1 K T",
    };

    readonly Lexicon _lexicon = Lexicon.English;

    public string Phonemize(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var tokens = Split(TextNormalizer.Normalize(sentence));
        var text = new StringBuilder();

        // From behind: how "the" sounds depends on what follows.
        var isShouted = IsShouted(tokens);
        var spoken = new string[tokens.Count];
        for (var i = tokens.Count - 1; i >= 0; i--)
        {
            var next = i + 1 < tokens.Count ? spoken[i + 1] : "";
            spoken[i] = IsMark(tokens[i]) ? tokens[i] : Speak(tokens[i], i > 0 ? tokens[i - 1] : "", next, isShouted);
        }

        foreach (var piece in spoken.Where(piece => piece.Length > 0))
        {
            if (IsMark(piece))
            {
                // A mark follows a word at once, and only the first of several is heard.
                if (text.Length > 0 && !Marks.Contains(text[^1]))
                {
                    text.Append(piece);
                }
            }
            else
            {
                text.Append(text.Length > 0 ? " " : "").Append(piece);
            }
        }

        return text.Length == 0 ? "" : Marks.Contains(text[^1]) ? text.ToString() : text.Append('.').ToString();
    }

    /// <summary>The sounds of one word in ARPAbet.</summary>
    /// <param name="word">In small letters.</param>
    internal string[] Pronounce(string word) => _lexicon.Find(word) ?? Derive(word) ?? LetterToSound.English.Pronounce(word);

    string Speak(string token, string before, string next, bool isShouted)
    {
        var word = token.ToLowerInvariant();
        var letters = token.Count(char.IsLetter);
        var isAcronym = !isShouted && letters > 1 && token.Count(char.IsUpper) >= letters - (token.EndsWith('s') ? 1 : 0);
        if (isAcronym && !IsReadAsWord(word))
        {
            return SpellLetters(word);
        }

        if (token.Length == 1 && (char.IsUpper(token[0]) && token[0] is not ('I' or 'A') || word[0] is not ('a' or 'i')))
        {
            return SpellLetters(word);
        }

        var first = next.AsSpan().TrimStart("ˈˌ");
        var isLast = next.Length == 0 || IsMark(next);
        var isBeforeVowel = first.Length > 0 && "ɐæɑɔʌəɚɛɜeɪiaoʊu".Contains(first[0]);
        var sounds = WeakForms.Find(word, isBeforeVowel, isLast) ?? EspeakAlphabet.Write(Choose(word, before), word);

        // An r that ends a word is heard again before a vowel.
        return isBeforeVowel && (sounds.EndsWith('ɚ') || sounds.EndsWith("ɜː", StringComparison.Ordinal)) ? sounds + "ɹ" : sounds;
    }

    /// <summary>Of several pronunciations of a word the one that the word before it asks for.</summary>
    string[] Choose(string word, string before)
    {
        before = before.ToLowerInvariant();
        var isVerb = before is "to" or "will" or "can" or "would" or "could" or "should" or "i" or "you" or "we" or "they";
        var isPast = before is "have" or "has" or "had" or "was" or "were" or "been" or "is" or "be" or "already";
        return (word == "read" ? isPast : isVerb) && s_after.TryGetValue(word, out var other) ? other.Split(' ')
            : s_usual.TryGetValue(word, out var usual) ? usual.Split(' ')
            : Pronounce(word);
    }

    /// <summary>Long ones that the dictionary knows, such as "NASA".</summary>
    bool IsReadAsWord(string word) => word.Length > 3 && _lexicon.Find(word) is not null;

    static string SpellLetters(string word)
    {
        var text = new StringBuilder();
        var letters = word.Where(char.IsAsciiLetter).ToArray();
        for (var i = 0; i < letters.Length; i++)
        {
            // The last letter has the stress; a small s at the end makes a plural.
            var name = EspeakAlphabet.Write(s_letters[letters[i] - 'a'].Split(' '));
            text.Append(i + 1 < letters.Length ? name.Replace('ˈ', 'ˌ') : name);
        }

        return text.ToString();
    }

    /// <summary>Possessives, plurals, compounds of what the dictionary has; null where it is none of them.</summary>
    string[]? Derive(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("s'", StringComparison.Ordinal))
        {
            var stem = Pronounce(word.EndsWith('\'') ? word[..^1] : word[..^2]);
            return word.EndsWith('\'') ? stem : [.. stem, .. Sibilant(stem)];
        }

        if (word.Contains('\''))
        {
            return Pronounce(word.Replace("'", "", StringComparison.Ordinal));
        }

        if (word.Length > 3 && word.EndsWith('s') && word[^2] != 's' && _lexicon.Find(word[..^1]) is { } singular)
        {
            return [.. singular, .. Sibilant(singular)];
        }

        if (word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal)
            && (_lexicon.Find(word[..^3]) ?? _lexicon.Find(word[..^3] + "e")) is { } verb)
        {
            return [.. verb, "IH0", "NG"];
        }

        if (word.Length > 4 && word.EndsWith("ly", StringComparison.Ordinal) && _lexicon.Find(word[..^2]) is { } adjective)
        {
            return [.. adjective, "L", "IY0"];
        }

        if (word.Length > 6 && word.EndsWith("ness", StringComparison.Ordinal) && _lexicon.Find(word[..^4]) is { } quality)
        {
            return [.. quality, "N", "AH0", "S"];
        }

        // Two words in one, the longer the first the better; the second loses its stress to the first.
        for (var cut = word.Length - 3; cut >= 3; cut--)
        {
            if (word.Length >= 7 && _lexicon.Find(word[..cut]) is { } left && _lexicon.Find(word[cut..]) is { } right)
            {
                return [.. left, .. right.Select(sound => sound.EndsWith('1') ? sound[..2] + '2' : sound)];
            }
        }

        return null;
    }

    /// <summary>The s of plurals: voiced behind voiced sounds, with a vowel behind another sibilant.</summary>
    static string[] Sibilant(string[] stem) => stem.Length == 0 ? [] : stem[^1] switch
    {
        "S" or "Z" or "SH" or "ZH" or "CH" or "JH" => ["IH0", "Z"],
        "P" or "T" or "K" or "F" or "TH" => ["S"],
        _ => ["Z"],
    };

    /// <summary>Words and marks of a normalized text; letters lose their accents, what is neither is a space.</summary>
    static List<string> Split(string text)
    {
        var tokens = new List<string>();
        var word = new StringBuilder();
        foreach (var letter in AccentTable.Strip(text))
        {
            if (char.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            var isPart = char.IsAsciiLetter(letter) || (letter == '\'' && word.Length > 0);

            // "myName", "JavaScript": a capital behind a small letter begins a word.
            if (!isPart || (char.IsAsciiLetterUpper(letter) && word.Length > 0 && char.IsAsciiLetterLower(word[^1])))
            {
                End();
            }

            if (isPart)
            {
                word.Append(letter);
            }
            else if (Marks.Contains(letter))
            {
                tokens.Add(letter.ToString());
            }
        }

        End();
        return tokens;

        void End()
        {
            var whole = word.ToString().TrimEnd('\'');
            word.Clear();
            if (whole.Length > 0)
            {
                tokens.Add(whole);
            }
        }
    }

    static bool IsMark(string token) => token.Length == 1 && Marks.Contains(token[0]);

    /// <summary>A sentence all in capitals is loud, and no row of acronyms.</summary>
    static bool IsShouted(List<string> tokens) =>
        tokens.Count(token => token.Length > 3) > 2 && tokens.TrueForAll(token => IsMark(token) || !token.Any(char.IsAsciiLetterLower));
}
