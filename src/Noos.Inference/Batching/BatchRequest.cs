using System.Runtime.ExceptionServices;
using Noos.Inference.PrefixCache;
using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>
/// Tokens of one sequence to be computed, over one or more passes. Owned by the engine's thread from when it is given to the engine until
/// it is done.
/// </summary>
/// <param name="tokens">The tokens, at least one.</param>
/// <param name="position">Position of the first one in its sequence.</param>
/// <param name="cache">The sequence's keys and values, with pages reserved for all the tokens.</param>
/// <param name="output">Receives logits or hidden states.</param>
/// <param name="tag">For the policy.</param>
sealed class BatchRequest(int[] tokens, int position, KeyValueCache cache, IBatchOutput output, object? tag = null)
{
    int _next;

    /// <summary>Number of tokens.</summary>
    public int Count => tokens.Length;

    /// <summary>Tokens not computed yet.</summary>
    public int Remaining => tokens.Length - _next;

    /// <summary>All tokens are computed and their outputs copied, or the request failed.</summary>
    public bool IsDone => Error is not null || Remaining == 0;

    /// <summary>Why the tokens were not computed: what the pass threw, or that the engine has ended.</summary>
    public ExceptionDispatchInfo? Error { get; private set; }

    /// <summary>What the policy sees.</summary>
    public SequenceView View(TimeSpan waited) => new(tag, position + _next, Remaining, waited);

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

    /// <summary>
    /// Advances the cursor by <paramref name="count"/> tokens and copies the requested logits or hidden states; where they cannot be
    /// taken, the request fails.
    /// </summary>
    /// <param name="count">Tokens that were computed.</param>
    /// <param name="pass">The pass that computed them.</param>
    /// <param name="first">Index of the first one in the batch.</param>
    public void Advance(int count, ForwardPass pass, int first)
    {
        try
        {
            for (var i = 0; i < count; i++, _next++)
            {
                if (output.Select(_next, tokens.Length) != TokenOutput.None)
                {
                    output.Add(pass.OutputOf(first + i));
                }
            }
        }
#pragma warning disable CA1031 // Handed to the owner of the request, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
    }

    /// <summary>Ends the request without the rest of its tokens.</summary>
    public void Fail(Exception error) => Error = ExceptionDispatchInfo.Capture(error);
}
