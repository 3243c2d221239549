using Noos.Inference.Constraints;

namespace Noos.Inference.Tests.Support;

/// <summary>Keeps a random model from ending its text.</summary>
sealed class NoSpecialTokens(LanguageModel model) : ITokenConstraint
{
    public bool IsComplete => false;

    public void Accept(int token)
    {
    }

    public void Mask(Span<float> logits)
    {
        for (var token = 0; token < logits.Length; token++)
        {
            logits[token] = model.Tokenizer.IsSpecial(token) ? float.NegativeInfinity : logits[token];
        }
    }
}
