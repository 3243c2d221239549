namespace Noos.Corpus.Index;

/// <summary>English words that say how a question is asked and not what about.</summary>
static class StopWords
{
    static readonly HashSet<string> s_words = new(
        """
        a about an and any are as at be been being but by can could did do does doing for from had has have having he her hers him his how i
        if in into is it its itself just let me my of on or our ours please s shall she should so some such t tell than that the their
        theirs them then there these they this those to us was we were what when where which while who whom whose why will with would you
        your yours
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    public static bool Contains(string word) => s_words.Contains(word);
}
