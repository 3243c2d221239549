namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// How pages lead from one article to others, in the languages of most of the web: "Read more:", "Mehr zum Thema", "À lire aussi". Only the
/// beginning of a block counts.
/// </summary>
static class PointerPhrases
{
    static readonly string[] s_phrases =
    [
        "related", "read more", "read also", "read next", "also read", "see more", "see also", "more:", "more on this", "more from",
        "don't miss", "don\u2019t miss", "you may also like", "you might also like", "recommended", "keep reading", "in case you missed",
        "up next",
        "mehr zum thema", "mehr dazu", "lesen sie auch", "lesen sie hier", "lesen sie mehr", "lesetipp", "auch interessant",
        "das k\u00f6nnte", "passend zum thema", "weiterlesen", "weitere informationen", "weitere artikel", "\u00e0 lire", "lire aussi",
        "lire \u00e9galement", "voir aussi", "sur le m\u00eame sujet", "lee tambi\u00e9n", "lea tambi\u00e9n", "te puede interesar",
        "ver tambi\u00e9n", "m\u00e1s informaci\u00f3n", "leggi anche", "leggi tutto", "potrebbe interessarti", "leia tamb\u00e9m",
        "leia mais", "veja tamb\u00e9m", "czytaj te\u017c", "czytaj tak\u017ce", "zobacz te\u017c", "zobacz tak\u017ce", "przeczytaj",
        "lees ook", "lees meer", "l\u00e4s \u00e4ven", "l\u00e4s ocks\u00e5", "l\u00e4s mer", "les ogs\u00e5", "l\u00e6s ogs\u00e5",
        "lue my\u00f6s", "\u0447\u0438\u0442\u0430\u0439\u0442\u0435", "\u0441\u043c. \u0442\u0430\u043a\u0436\u0435",
        "\u95a2\u9023\u8a18\u4e8b", "\u3053\u3061\u3089\u306e\u8a18\u4e8b", "\u76f8\u5173\u9605\u8bfb", "\u76f8\u95dc\u65b0\u805e",
        "\uad00\ub828\uae30\uc0ac",
    ];

    /// <summary>Whether a text begins with one of them.</summary>
    /// <param name="text">Of a block.</param>
    /// <param name="isAll">Whether hardly anything else is in it.</param>
    public static bool Begin(ReadOnlySpan<char> text, out bool isAll)
    {
        const int MaxMore = 12;
        text = text.TrimStart(" \t\r\n\u00A0[(>\u00BB\u2192\u25BA\u2022|*-");
        foreach (var phrase in s_phrases)
        {
            if (text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)
                && (text.Length == phrase.Length || !char.IsLetter(text[phrase.Length]) || !char.IsAsciiLetter(phrase[^1])))
            {
                isAll = text.Length <= phrase.Length + MaxMore;
                return true;
            }
        }

        isAll = false;
        return false;
    }
}
