namespace Noos.Corpus.Index;

/// <summary>
/// A question in words that the index knows. Whatever a person or a model writes is a query, the operators of FTS5 included: they are words
/// like others. Stop words are left out unless there is nothing else.
/// </summary>
public sealed class SearchQuery
{
    /// <summary>More words than this of a question are not looked for.</summary>
    public const int MaxWords = 32;

    /// <summary>The rest of a longer word is not looked at: no word is as long.</summary>
    public const int MaxWordLength = 64;

    static readonly Dictionary<string, string[]> s_names = new(StringComparer.Ordinal)
    {
        ["usa"] = ["united", "states"],
        ["uk"] = ["united", "kingdom"],
        ["ww1"] = ["world", "war", "i"],
        ["wwi"] = ["world", "war", "i"],
        ["ww2"] = ["world", "war", "ii"],
        ["wwii"] = ["world", "war", "ii"],
    };

    SearchQuery(string text, IReadOnlyList<QueryWord> words, bool asksForPerson) =>
        (Text, Words, AsksForPerson) = (text, words, asksForPerson);

    /// <summary>As it was asked.</summary>
    public string Text { get; }

    /// <summary>There is no word in it.</summary>
    public bool IsEmpty => Words.Count == 0;

    /// <summary>It begins with "who".</summary>
    internal bool AsksForPerson { get; }

    /// <summary>The words that are looked for, joined: what a search engine elsewhere is asked.</summary>
    public string Keywords => string.Join(' ', Words.Select(word => word.Text));

    /// <summary>Each once, in the order of the question.</summary>
    internal IReadOnlyList<QueryWord> Words { get; }

    /// <summary>Reads a question. Linear in its length.</summary>
    public static SearchQuery Parse(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var all = new List<QueryWord>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        IndexWord[] read = [.. IndexWord.Read(question).Take(8 * MaxWords)];
        for (var i = 0; i < read.Length;)
        {
            var (name, length) = NameAt(question, read, i);
            foreach (var word in name ?? [read[i].Text.Length > MaxWordLength ? Cut(read[i].Text) : read[i].Text])
            {
                all.Add(new QueryWord(word, name is null ? read[i].Stem : PorterStemmer.Stem(word), all.Count));
            }

            i += length;
        }

        var content = all.FindAll(word => !StopWords.Contains(word.Text));
        return new SearchQuery(
            question, [.. (content.Count > 0 ? content : all).Where(word => seen.Add(word.Stem)).Take(MaxWords)],
            read.Take(3).Any(word => word.Text is "who"));
    }

    /// <summary>
    /// Passages with any of the words, as an expression of FTS5. Two words that stand side by side in the question are looked for together,
    /// too, which BM25 then counts as a word of its own.
    /// </summary>
    internal string ToMatch() => string.Join(" OR ", Words.Select(word => word.ToMatch()).Concat(Pairs()
        .Select(pair => ToMatch(pair.First, pair.Second))));

    /// <summary>Two words side by side, as an expression of FTS5.</summary>
    internal static string ToMatch(QueryWord first, QueryWord second) => $"\"{first.Text} {second.Text}\"";

    /// <summary>Words that follow each other in the question without a gap.</summary>
    internal IEnumerable<(QueryWord First, QueryWord Second)> Pairs() =>
        Words.Zip(Words.Skip(1)).Where(pair => pair.Second.Position == pair.First.Position + 1);

    /// <summary>The whole name that an abbreviation stands for, and how many words the abbreviation is; null for any other word.</summary>
    static (string[]? Name, int Words) NameAt(string question, IndexWord[] words, int index)
    {
        var word = words[index];
        if (word.Text == "u" && index + 1 < words.Length && words[index + 1] is { Text: "s" or "k" } second
            && second.Start == word.Start + 2)
        {
            return (s_names[second.Text == "s" ? "usa" : "uk"], 2);
        }

        // In capitals it is no pronoun.
        var isCountry = question.AsSpan(word.Start, word.Length) is "US";
        return (s_names.GetValueOrDefault(isCountry ? "usa" : word.Text), 1);
    }

    static string Cut(string word) => word[..(char.IsHighSurrogate(word[MaxWordLength - 1]) ? MaxWordLength - 1 : MaxWordLength)];
}
