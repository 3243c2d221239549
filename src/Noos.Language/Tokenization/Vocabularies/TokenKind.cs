namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>The type of a token; the first values are those of GGUF files (<c>llama_token_type</c>).</summary>
enum TokenKind
{
    Undefined = 0,
    Normal = 1,
    Unknown = 2,

    /// <summary>Structure, never text: begin and end of a text, of a turn.</summary>
    Control = 3,

    /// <summary>Text that is a token of its own wherever it occurs, before anything else is cut.</summary>
    UserDefined = 4,
    Unused = 5,

    /// <summary>One byte, for what the vocabulary has no characters for.</summary>
    Byte = 6,

    /// <summary>
    /// Text that a model may write, but that no text encodes to: an ordinary token outside the alphabet of its vocabulary.
    /// </summary>
    Literal = 100,
}
