using Noos.Inference.Transformer;

namespace Noos.Inference;

/// <summary>Tokens that a context wants read, and where the scores of the next token are to go.</summary>
/// <param name="tokens">What to read.</param>
/// <param name="position">Where the first one stands.</param>
/// <param name="cache">With room for all.</param>
/// <param name="logits">Receives the scores after the last token, or after every one.</param>
/// <param name="wantsAll">Scores are wanted after every token.</param>
sealed class BatchRequest(int[] tokens, int position, KeyValueCache cache, float[] logits, bool wantsAll)
{
    int _read;
    int _scored;
    volatile bool _isDone;

    public int Remaining => tokens.Length - _read;

    public bool IsDone => _isDone;

    /// <summary>Puts the next tokens into a batch.</summary>
    public int Fill(Span<BatchToken> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            var index = _read + i;
            batch[i] = new BatchToken(tokens[index], position + index, cache, wantsAll || index == tokens.Length - 1);
        }

        return batch.Length;
    }

    /// <summary>Takes note of what was read, and the scores if that was all.</summary>
    /// <returns>The index of the next request's scores.</returns>
    public int Advance(int count, ForwardPass pass, int index)
    {
        _read += count;
        var scored = wantsAll ? count : Remaining == 0 ? 1 : 0;
        for (var i = 0; i < scored; i++, _scored++)
        {
            var scores = pass.Logits(index + i);
            scores.CopyTo(logits.AsSpan(_scored * scores.Length));
        }

        return index + scored;
    }

    public void FinishIfRead() => _isDone = Remaining == 0;
}
