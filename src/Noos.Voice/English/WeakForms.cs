using System.Collections.Frozen;

namespace Noos.Voice.English;

/// <summary>
/// Words of grammar as they sound inside a sentence: most are unstressed, some reduced. In the alphabet of espeak-ng, whose voices were
/// trained on such sentences.
/// </summary>
static class WeakForms
{
    static readonly FrozenDictionary<string, string> s_forms = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["a"] = "ɐ", ["an"] = "ɐn", ["the"] = "ðə", ["and"] = "ænd", ["or"] = "ɔːɹ", ["but"] = "bʌt", ["nor"] = "nɔːɹ", ["if"] = "ɪf",
        ["of"] = "ʌv", ["to"] = "tə", ["in"] = "ɪn", ["on"] = "ɔn", ["at"] = "æt", ["by"] = "baɪ", ["for"] = "fɔːɹ", ["from"] = "fɹʌm",
        ["with"] = "wɪð", ["as"] = "æz", ["than"] = "ðɐn", ["into"] = "ˌɪntʊ", ["onto"] = "ˌɔntʊ", ["upon"] = "əpˌɑːn",
        ["i"] = "aɪ", ["you"] = "juː", ["he"] = "hiː", ["she"] = "ʃiː", ["it"] = "ɪt", ["we"] = "wiː", ["they"] = "ðeɪ", ["me"] = "mˌiː",
        ["him"] = "hˌɪm", ["her"] = "hɜː", ["us"] = "ˌʌs", ["them"] = "ðˌɛm", ["my"] = "maɪ", ["your"] = "jʊɹ", ["his"] = "hɪz",
        ["its"] = "ɪts", ["our"] = "ˌaɪʊɹ", ["their"] = "ðɛɹ", ["this"] = "ðɪs", ["that"] = "ðæt", ["these"] = "ðiːz", ["those"] = "ðoʊz",
        ["is"] = "ɪz", ["am"] = "æm", ["are"] = "ɑːɹ", ["was"] = "wʌz", ["were"] = "wɜː", ["be"] = "biː", ["been"] = "bˌɪn",
        ["has"] = "hɐz", ["have"] = "hæv", ["had"] = "hɐd", ["do"] = "duː", ["does"] = "dʌz", ["did"] = "dˈɪd", ["will"] = "wɪl",
        ["would"] = "wʊd", ["can"] = "kæn", ["could"] = "kʊd", ["shall"] = "ʃˌæl", ["should"] = "ʃˌʊd", ["may"] = "mˈeɪ",
        ["might"] = "mˌaɪt",
        ["must"] = "mˈʌst", ["there"] = "ðɛɹ", ["some"] = "sˌʌm", ["any"] = "ˌɛni", ["so"] = "sˌoʊ", ["what"] = "wˌʌt", ["when"] = "wˌɛn",
        ["where"] = "wˌɛɹ", ["which"] = "wˌɪtʃ", ["who"] = "hˌuː", ["whose"] = "hˌuːz", ["how"] = "hˌaʊ", ["why"] = "wˌaɪ",
        ["about"] = "ɐbˌaʊt", ["over"] = "ˌoʊvɚ", ["under"] = "ˌʌndɚ", ["after"] = "ˌæftɚ", ["before"] = "bᵻfˌoːɹ",
        ["between"] = "bᵻtwˌiːn", ["because"] = "bɪkˌʌz", ["while"] = "wˌaɪl", ["through"] = "θɹuː", ["until"] = "ʌntˌɪl",
        ["without"] = "wɪðˌaʊt", ["point"] = "pɔɪnt", ["i'm"] = "aɪm", ["i'll"] = "aɪl", ["i've"] = "aɪv", ["i'd"] = "aɪd",
        ["you're"] = "jʊɹ", ["you'll"] = "juːl", ["you've"] = "juːv", ["it's"] = "ɪts", ["that's"] = "ðæts", ["he's"] = "hiːz",
        ["she's"] = "ʃiːz", ["we're"] = "wɪɹ", ["we'll"] = "wiːl", ["we've"] = "wiːv", ["they're"] = "ðɛɹ", ["there's"] = "ðɛɹz",
        ["isn't"] = "ˈɪzn̩t", ["wasn't"] = "wˈʌzn̩t", ["doesn't"] = "dˈʌzn̩t", ["didn't"] = "dˈɪdn̩t", ["couldn't"] = "kˈʊdn̩t",
        ["wouldn't"] = "wˈʊdn̩t", ["shouldn't"] = "ʃˈʊdn̩t", ["hasn't"] = "hˈæzn̩t", ["haven't"] = "hˈævn̩t", ["hadn't"] = "hˈædn̩t",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The form of a word in a sentence; null where it has no weak one.</summary>
    /// <param name="word">In small letters.</param>
    /// <param name="isBeforeVowel">The next word begins with a vowel.</param>
    /// <param name="isLast">Nothing follows in its clause, where words keep their full vowel.</param>
    public static string? Find(string word, bool isBeforeVowel, bool isLast) => (word, isBeforeVowel, isLast) switch
    {
        ("the", true, false) => "ðɪ",
        ("to", true, false) => "tʊ",
        ("to", _, true) => "tuː",
        ("a", _, true) => "ˈeɪ",
        ("on" or "in" or "is" or "am" or "are" or "was" or "do" or "can" or "will" or "have" or "had" or "has" or "for" or "of", _, true) =>
            null,
        _ => s_forms.GetValueOrDefault(word),
    };
}
