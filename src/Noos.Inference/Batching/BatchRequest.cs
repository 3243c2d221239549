using System.Runtime.ExceptionServices;
using Noos.Inference.PrefixCache;
using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>
/// Tokens of one sequence to be computed, over one or more passes. Filled and advanced by the thread that serves batches;
/// <see cref="IsDone"/> may be read by any.
/// </summary>
/// <param name="tokens">The tokens.</param>
/// <param name="position">Position of the first one in its sequence.</param>
/// <param name="cache">The sequence's keys and values, with pages reserved for all the tokens.</param>
/// <param name="output">Receives logits or hidden states.</param>
sealed class BatchRequest(int[] tokens, int position, KeyValueCache cache, IBatchOutput output)
{
    int _next;
    volatile bool _isDone;

    /// <summary>Tokens not computed yet.</summary>
    public int Remaining => tokens.Length - _next;

    /// <summary>All tokens are computed and their outputs copied, or a pass failed.</summary>
    public bool IsDone => _isDone;

    /// <summary>What the pass threw that failed; may be read once <see cref="IsDone"/>.</summary>
    public ExceptionDispatchInfo? Error { get; private set; }

    /// <summary>Fills a part of a batch with the next tokens.</summary>
    public int Fill(Span<BatchToken> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            var index = _next + i;
            batch[i] = new BatchToken(tokens[index], position + index, cache, output.Select(index, tokens.Length));
        }

        return batch.Length;
    }

    /// <summary>Advances the cursor by <paramref name="count"/> tokens and copies the requested logits or hidden states.</summary>
    /// <param name="count">Tokens that were computed.</param>
    /// <param name="pass">The pass that computed them.</param>
    /// <param name="first">Index of the first one in the batch.</param>
    public void Advance(int count, ForwardPass pass, int first)
    {
        for (var i = 0; i < count; i++, _next++)
        {
            if (output.Select(_next, tokens.Length) != TokenOutput.None)
            {
                output.Add(pass.OutputOf(first + i));
            }
        }
    }

    /// <summary>
    /// Ends a pass: the request is done if no token remains or the pass failed. Separate from <see cref="Advance"/> because it must happen
    /// under the runner's lock, where its caller looks at <see cref="IsDone"/>.
    /// </summary>
    public void Complete(ExceptionDispatchInfo? error)
    {
        Error = error;
        _isDone = error is not null || Remaining == 0;
    }
}
