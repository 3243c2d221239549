using Noos.Core;

namespace Noos.Inference.Speech;

/// <summary>The languages of Whisper, in the order of their tokens.</summary>
public static class WhisperLanguages
{
    // Code and English name, as in tokenizer.py of Whisper; Cantonese came last, with large-v3.
    static readonly (string Code, string Name)[] s_all =
    [
        ("en", "english"), ("zh", "chinese"), ("de", "german"), ("es", "spanish"), ("ru", "russian"), ("ko", "korean"), ("fr", "french"),
        ("ja", "japanese"), ("pt", "portuguese"), ("tr", "turkish"), ("pl", "polish"), ("ca", "catalan"), ("nl", "dutch"),
        ("ar", "arabic"), ("sv", "swedish"), ("it", "italian"), ("id", "indonesian"), ("hi", "hindi"), ("fi", "finnish"),
        ("vi", "vietnamese"), ("he", "hebrew"), ("uk", "ukrainian"), ("el", "greek"), ("ms", "malay"), ("cs", "czech"), ("ro", "romanian"),
        ("da", "danish"), ("hu", "hungarian"), ("ta", "tamil"), ("no", "norwegian"), ("th", "thai"), ("ur", "urdu"), ("hr", "croatian"),
        ("bg", "bulgarian"), ("lt", "lithuanian"), ("la", "latin"), ("mi", "maori"), ("ml", "malayalam"), ("cy", "welsh"),
        ("sk", "slovak"), ("te", "telugu"), ("fa", "persian"), ("lv", "latvian"), ("bn", "bengali"), ("sr", "serbian"),
        ("az", "azerbaijani"), ("sl", "slovenian"), ("kn", "kannada"), ("et", "estonian"), ("mk", "macedonian"), ("br", "breton"),
        ("eu", "basque"), ("is", "icelandic"), ("hy", "armenian"), ("ne", "nepali"), ("mn", "mongolian"), ("bs", "bosnian"),
        ("kk", "kazakh"), ("sq", "albanian"), ("sw", "swahili"), ("gl", "galician"), ("mr", "marathi"), ("pa", "punjabi"),
        ("si", "sinhala"), ("km", "khmer"), ("sn", "shona"), ("yo", "yoruba"), ("so", "somali"), ("af", "afrikaans"), ("oc", "occitan"),
        ("ka", "georgian"), ("be", "belarusian"), ("tg", "tajik"), ("sd", "sindhi"), ("gu", "gujarati"), ("am", "amharic"),
        ("yi", "yiddish"), ("lo", "lao"), ("uz", "uzbek"), ("fo", "faroese"), ("ht", "haitian creole"), ("ps", "pashto"),
        ("tk", "turkmen"), ("nn", "nynorsk"), ("mt", "maltese"), ("sa", "sanskrit"), ("lb", "luxembourgish"), ("my", "myanmar"),
        ("bo", "tibetan"), ("tl", "tagalog"), ("mg", "malagasy"), ("as", "assamese"), ("tt", "tatar"), ("haw", "hawaiian"),
        ("ln", "lingala"), ("ha", "hausa"), ("ba", "bashkir"), ("jw", "javanese"), ("su", "sundanese"), ("yue", "cantonese"),
    ];

    /// <summary>Number of languages.</summary>
    public static int Count => s_all.Length;

    /// <summary>The code of a language by its number.</summary>
    public static string CodeOf(int index) => s_all[index].Code;

    /// <summary>The English name of a code, such as "english" of "en"; the code itself where it is none.</summary>
    public static string NameOf(string code) => Array.Find(s_all, language => language.Code == code).Name ?? code;

    /// <summary>The number of a language by its code ("de", "de-DE") or English name, in any case.</summary>
    /// <exception cref="NoosException">There is no such language (Invalid).</exception>
    public static int Parse(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        var name = language.Trim();
        var code = name.Split('-', '_')[0];
        var index = Array.FindIndex(
            s_all,
            known => known.Code.Equals(code, StringComparison.OrdinalIgnoreCase)
                || known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? index : throw new NoosException(
            $"'{language}' is no language that Whisper knows; write its code, such as en, de or fr.")
        {
            Parameter = "language",
        };
    }
}
