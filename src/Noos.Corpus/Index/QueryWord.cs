namespace Noos.Corpus.Index;

/// <summary>A word that is looked for.</summary>
/// <param name="Text">In lower case, without accents.</param>
/// <param name="Stem">What other forms of it share.</param>
/// <param name="Position">Which word of the question it is, stop words counted.</param>
sealed record QueryWord(string Text, string Stem, int Position)
{
    /// <summary>As FTS5 writes it; with its other spelling where it has one.</summary>
    public string ToMatch() => IndexWord.OtherSpelling(Text) is { } other ? $"(\"{Text}\" OR \"{other}\")" : $"\"{Text}\"";
}
