namespace Noos.Inference.Constraints;

/// <summary>A constraint on a whole answer: a text of a grammar, a span of a passage.</summary>
public interface ITextConstraint : ITokenConstraint
{
    /// <summary>Whether <see cref="ITokenConstraint.Mask"/> allows the token; tokens that end the answer are not asked for.</summary>
    bool Allows(int token);
}
