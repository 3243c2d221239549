using System.Runtime.InteropServices;
using Noos.Inference.Batching;

namespace Noos.Inference.Generation;

/// <summary>
/// Prompt look-up decoding (Saxena 2023): speculative decoding that takes its draft from the text so far. Where the last tokens have stood
/// together before, the tokens that followed them are computed along with the next one; a draft token that is then sampled costs no pass
/// of its own, the others are truncated. Exact: logits do not depend on what is computed together. Used by one thread.
/// </summary>
/// <param name="context">The sequence.</param>
/// <param name="maxDraft">Max draft tokens per pass; 0 for plain decoding.</param>
sealed class PromptLookupDecoder(InferenceContext context, int maxDraft)
{
    // Long prompts are computed in slices, so that a cancellation is noticed soon and others can take over what is read.
    const int PromptSlice = 256;

    // Tokens that must have stood together before. Shorter patterns give more drafts of which fewer are accepted.
    const int PatternLength = 3;

    readonly List<int> _draft = [];
    int _accepted;

    /// <summary>Tokens of the sequence, without the draft.</summary>
    public int Length { get; private set; } = context.Length;

    /// <summary>Draft tokens that were then sampled, of all passes.</summary>
    public int AcceptedDraftTokens { get; private set; }

    /// <summary>The logits after the last token, to be changed in place; valid until the next tokens are decoded.</summary>
    public Memory<float> Logits { get; private set; }

    /// <summary>Appends tokens: yields what is to be computed, and goes on when that is done. At the end there are logits.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was computed until then stays in the context.</exception>
    public IEnumerable<BatchRequest> Decode(List<int> tokens, CancellationToken cancellationToken)
    {
        if (tokens.Count == 1 && _accepted < _draft.Count && _draft[_accepted] == tokens[0])
        {
            _accepted++;
            AcceptedDraftTokens++;
            Length++;
            Logits = context.MutableLogitsAfter(_accepted);
            yield break;
        }

        DiscardDraft();
        // Several tokens are a prompt or were forced: they fill a pass without a draft.
        if (tokens.Count == 1 && maxDraft > 0)
        {
            Draft(tokens[0]);
        }

        if (_draft.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var request = context.Prepare([tokens[0], .. _draft], wantsAll: true);
            yield return request;
            context.Commit(request);
        }
        else
        {
            for (var first = 0; first < tokens.Count; first += PromptSlice)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var request = context.Prepare(
                    CollectionsMarshal.AsSpan(tokens)[first..Math.Min(first + PromptSlice, tokens.Count)], wantsAll: false);
                yield return request;
                context.Commit(request);
            }
        }

        Logits = context.MutableLogitsAfter(0);
        Length += tokens.Count;
    }

    /// <summary>Truncates the context to the tokens that were sampled.</summary>
    public void DiscardDraft()
    {
        context.Truncate(Length);
        _draft.Clear();
        _accepted = 0;
    }

    void Draft(int next)
    {
        var tokens = context.Tokens;
        if (tokens.Length < PatternLength)
        {
            return;
        }

        ReadOnlySpan<int> pattern = [.. tokens[^(PatternLength - 1)..], next];
        // The latest occurrence: recent text predicts best. The last token is left out, so that something follows the occurrence.
        var start = tokens[..^1].LastIndexOf(pattern);
        if (start < 0)
        {
            return;
        }

        var following = tokens[(start + PatternLength)..];
        // One place is needed for the next token itself.
        var room = context.Capacity - context.Length - 1;
        foreach (var token in following[..Math.Min(following.Length, Math.Min(maxDraft, room))])
        {
            _draft.Add(token);
        }
    }
}
