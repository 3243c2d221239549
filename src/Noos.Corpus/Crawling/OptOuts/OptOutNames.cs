namespace Noos.Corpus.Crawling.OptOuts;

/// <summary>The words for what is not wanted, as pages and archives write them.</summary>
public static class OptOutNames
{
    static readonly (string Name, OptOut Value)[] s_names =
    [
        ("noindex", OptOut.NoIndex), ("nofollow", OptOut.NoFollow), ("noarchive", OptOut.NoArchive), ("nosnippet", OptOut.NoSnippet),
        ("noai", OptOut.NoAi), ("noimageai", OptOut.NoImageAi), ("tdm-reservation", OptOut.Tdm), ("ai-train=no", OptOut.NoTraining),
        ("ai-input=no", OptOut.NoAiInput), ("search=no", OptOut.NoSearch),
    ];

    /// <summary>The words, with commas between them; empty for none.</summary>
    public static string Format(OptOut value) =>
        string.Join(", ", s_names.Where(pair => value.HasFlag(pair.Value)).Select(pair => pair.Name));

    /// <summary>Reads what <see cref="Format"/> wrote; words that are not known are left out.</summary>
    public static OptOut Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var value = OptOut.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            value |= Array.Find(s_names, pair => pair.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Value;
        }

        return value;
    }
}
