namespace Noos.Language.Architectures;

/// <summary>
/// How the hidden states of a text's tokens become one vector. The numbers are those of the GGUF key <c>pooling_type</c>.
/// </summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>That of the first token.</summary>
    First = 2,

    /// <summary>That of the last token, the only one that has seen the whole text.</summary>
    Last = 3,
}
