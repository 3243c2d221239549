using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints.Extraction;

/// <summary>
/// Makes the whole answer a span of given passages, or the sentence that they do not say: nothing can be invented. For one generation; not
/// thread-safe.
/// </summary>
public sealed class ExtractiveConstraint : ITextConstraint
{
    const int MaxEnds = 64;

    readonly ExtractiveText _text;
    int[] _places;

    public ExtractiveConstraint(ExtractiveText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
        _places = text.Start;
    }

    /// <summary>The end of a passage, of a citation or of the sentence.</summary>
    public bool IsComplete => _text.MustEnd(_places);

    public void Mask(Span<float> logits)
    {
        // Where a span may end the model decides whether it does.
        var ends = _text.CanEnd(_places) && !ReferenceEquals(_places, _text.Start) ? _text.Tokenizer.EndTokens : [];
        Span<float> kept = stackalloc float[Math.Min(ends.Count, MaxEnds)];
        for (var index = 0; index < kept.Length; index++)
        {
            kept[index] = logits[ends[index]];
        }

        TokenMask.Apply(_text.Allowed(_places), logits);
        for (var index = 0; index < kept.Length; index++)
        {
            logits[ends[index]] = kept[index];
        }
    }

    public bool Allows(int token) => _text.Step(_places, token).Length > 0;

    public void Accept(int token)
    {
        var next = _text.Step(_places, token);
        _places = next.Length > 0 ? next : throw new ArgumentException("The token is not allowed here.", nameof(token));
    }
}
