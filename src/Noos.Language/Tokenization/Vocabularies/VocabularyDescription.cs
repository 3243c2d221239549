namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>The algorithm by which a vocabulary turns text into tokens (<c>tokenizer.ggml.model</c>).</summary>
enum TokenizerModel
{
    /// <summary>Byte-level byte-pair encoding: <c>gpt2</c> in GGUF files.</summary>
    ByteLevel,

    /// <summary>SentencePiece's merges by score with a fallback to bytes: <c>llama</c> in GGUF files.</summary>
    SentencePiece,

    /// <summary>Byte-pair encoding of characters with a fallback to bytes: <c>gemma4</c> in GGUF files.</summary>
    CharacterLevel,

    /// <summary>The longest tokens that cover a word, as BERT has them: <c>bert</c> in GGUF files.</summary>
    WordPiece,
}

/// <summary>A vocabulary as a file describes it, before anything is checked or built.</summary>
sealed record VocabularyDescription
{
    /// <summary>The subject of error messages, such as "The tokenizer file 'x.json'".</summary>
    public required string Origin { get; init; }

    public required TokenizerModel Model { get; init; }

    /// <summary>GGUF's name of the pre-tokenizer, for <see cref="TokenizerModel.ByteLevel"/>.</summary>
    public string PreTokenizer { get; init; } = "qwen2";

    /// <summary>The tokens as the file writes them, by id.</summary>
    public required string[] Names { get; init; }

    public required TokenKind[] Kinds { get; init; }

    /// <summary>One per token, for <see cref="TokenizerModel.SentencePiece"/>: the highest merges first.</summary>
    public IReadOnlyList<float> Scores { get; init; } = [];

    /// <summary>The first applies first.</summary>
    public IEnumerable<(ReadOnlyMemory<char> Left, ReadOnlyMemory<char> Right)> Merges { get; init; } = [];

    /// <summary>Merges of what is no token are left out, as llama.cpp does; else they are refused.</summary>
    public bool PassesOverUnknownMerges { get; init; }

    /// <summary>Ids by their role.</summary>
    public SpecialTokenIds Ids { get; init; } = new();

    public bool AddsBegin { get; init; }

    public bool AddsEnd { get; init; }

    /// <summary>Between two texts that are read as a pair the end of text stands twice, as RoBERTa has it; else once.</summary>
    public bool DoublesSeparator { get; init; }

    /// <summary>A space is put before a text and after a special token.</summary>
    public bool AddsSpacePrefix { get; init; }

    /// <summary>White space after a special token is dropped, as Phi 3 wants it.</summary>
    public bool SpecialsTakeSpaceAfter { get; init; }
}

/// <summary>Tokens by their role, as a file names them; each may be null.</summary>
/// <param name="Begin">Begins a text (BOS).</param>
/// <param name="End">Ends a text (EOS).</param>
/// <param name="EndOfTurn">Ends a turn (EOT).</param>
/// <param name="EndOfMessage">Ends a message that calls tools (EOM).</param>
/// <param name="Others">Further tokens after which nothing is to come: paddings and separators of fill-in-the-middle.</param>
sealed record SpecialTokenIds(
    int? Begin = null, int? End = null, int? EndOfTurn = null, int? EndOfMessage = null, IReadOnlyList<int>? Others = null);
