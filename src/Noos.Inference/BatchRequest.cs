using Noos.Inference.Transformer;

namespace Noos.Inference;

/// <summary>Tokens that a context wants read, and what is to come of them.</summary>
/// <param name="tokens">What to read.</param>
/// <param name="position">Where the first one stands.</param>
/// <param name="cache">With room for all.</param>
/// <param name="output">Receives scores or states.</param>
sealed class BatchRequest(int[] tokens, int position, KeyValueCache cache, IBatchOutput output)
{
    int _read;
    volatile bool _isDone;

    public int Remaining => tokens.Length - _read;

    public bool IsDone => _isDone;

    /// <summary>Puts the next tokens into a batch.</summary>
    public int Fill(Span<BatchToken> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            var index = _read + i;
            batch[i] = new BatchToken(tokens[index], position + index, cache, output.Of(index, tokens.Length));
        }

        return batch.Length;
    }

    /// <summary>Takes note of what was read, and what was asked for of it.</summary>
    /// <param name="count">Number of tokens read.</param>
    /// <param name="pass">Has read them.</param>
    /// <param name="first">The place of the first one in the batch.</param>
    public void Advance(int count, ForwardPass pass, int first)
    {
        for (var i = 0; i < count; i++, _read++)
        {
            if (output.Of(_read, tokens.Length) != TokenOutput.None)
            {
                output.Take(pass.OutputOf(first + i));
            }
        }
    }

    public void FinishIfRead() => _isDone = Remaining == 0;
}
