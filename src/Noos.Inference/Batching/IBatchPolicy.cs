namespace Noos.Inference.Batching;

/// <summary>
/// Chooses who goes into the next forward pass, with how many tokens (vLLM's scheduler). Given to a model by
/// <see cref="InferenceOptions.BatchPolicy"/>; the engine calls it on its own thread before every pass, so it must not block. It decides
/// about time alone: what is computed together never changes a result.
/// </summary>
public interface IBatchPolicy
{
    /// <summary>Plans a pass.</summary>
    /// <param name="ready">The sequences with tokens to compute, at least one, in the order in which they came.</param>
    /// <param name="tokenBudget">Max tokens of the pass.</param>
    /// <param name="grants">As long as <paramref name="ready"/>; receives who goes, each sequence at most once.</param>
    /// <returns>
    /// Number of grants; 0 to hold all back until another sequence is ready, or for a few milliseconds. A plan that breaks the rules is
    /// logged and replaced by that of <see cref="DecodeFirstPolicy"/>.
    /// </returns>
    int Plan(ReadOnlySpan<SequenceView> ready, int tokenBudget, Span<TokenGrant> grants);

    /// <summary>
    /// How long a pass may take in which prompts are read beside answers under way: the gap that whoever reads one of those sees. Longer
    /// passes read more prompt a second. The token budget follows from it.
    /// </summary>
    /// <param name="ready">As for <see cref="Plan"/>.</param>
    TimeSpan MaxGap(ReadOnlySpan<SequenceView> ready) => TimeSpan.FromMilliseconds(60);
}

/// <summary>What a policy sees of a sequence.</summary>
/// <param name="Tag">What the owner of the sequence has put into <see cref="InferenceContext.Tag"/>.</param>
/// <param name="Length">Tokens computed so far.</param>
/// <param name="Remaining">Tokens to compute, at least 1; 1 for a sequence that is being generated.</param>
/// <param name="Waited">Since its tokens came, or since some of them were last computed.</param>
public readonly record struct SequenceView(object? Tag, int Length, int Remaining, TimeSpan Waited);

/// <summary>Tokens of a sequence that go into the pass.</summary>
/// <param name="Index">Of the sequence among those that are ready.</param>
/// <param name="Tokens">1 to those that remain.</param>
public readonly record struct TokenGrant(int Index, int Tokens);
