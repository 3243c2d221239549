namespace Noos.Inference.Constraints;

/// <summary>Decides which token may come next. Holds the state of one generation.</summary>
public interface ITokenConstraint
{
    /// <summary>Sets the logits of forbidden tokens to negative infinity.</summary>
    void Mask(Span<float> logits);

    /// <summary>Moves on by a token that <see cref="Mask"/> allowed.</summary>
    void Accept(int token);

    /// <summary>Nothing may follow: generation ends.</summary>
    bool IsComplete { get; }

    /// <summary>The next token belongs to a tool call.</summary>
    bool IsInCall => false;

    /// <summary>
    /// Appends tokens that must come next whatever the model thinks, so that they need no sampling; nothing where the model has a choice.
    /// They have yet to be accepted.
    /// </summary>
    void Force(List<int> tokens)
    {
    }
}
