namespace Noos.Corpus.Index;

/// <summary>How an index is made. A file keeps what it was made with.</summary>
public sealed record SearchIndexOptions
{
    /// <summary>Characters of the longest passage.</summary>
    public int MaxPassageLength { get; init; } = 600;

    /// <summary>The tokenizer of FTS5 (https://sqlite.org/fts5.html#tokenizers).</summary>
    public string Tokenizer { get; init; } = "porter unicode61 remove_diacritics 2";

    /// <summary>The clock that says when a document was added.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
