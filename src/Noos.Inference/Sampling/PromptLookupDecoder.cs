using System.Runtime.InteropServices;

namespace Noos.Inference.Sampling;

/// <summary>
/// Reads what a generation has chosen and gives the scores of the next token. Where the last tokens have stood together before, what
/// followed them then is read along on trial (prompt look-up; Saxena 2023): if it is chosen again, its scores are there already, else it
/// is forgotten. Scores do not depend on what is read together, so a guess, right or wrong, never changes a result.
/// </summary>
/// <param name="context">What is read.</param>
/// <param name="mostGuesses">Most tokens read on trial; 0 for none.</param>
sealed class PromptLookupDecoder(InferenceContext context, int mostGuesses)
{
    // Long prompts are read in slices, so that a cancellation is soon noticed.
    const int PromptSlice = 256;
    const int PatternLength = 3;

    readonly List<int> _guesses = [];
    int _right;

    /// <summary>Tokens read for good.</summary>
    public int Length { get; private set; } = context.Length;

    /// <summary>Guesses that were chosen.</summary>
    public int AcceptedDraftTokens { get; private set; }

    /// <summary>Reads the tokens and writes the scores after the last one.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Read(List<int> tokens, float[] logits, CancellationToken cancellationToken)
    {
        if (tokens.Count == 1 && _right < _guesses.Count && _guesses[_right] == tokens[0])
        {
            _right++;
            AcceptedDraftTokens++;
            Length++;
            context.LogitsAfter(_right).CopyTo(logits);
            return;
        }

        Forget();
        // A prompt has nothing to guess: only what is generated token by token.
        if (tokens.Count == 1 && mostGuesses > 0)
        {
            Guess(tokens[0]);
        }

        if (_guesses.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.AppendAll([tokens[0], .. _guesses]);
            context.LogitsAfter(0).CopyTo(logits);
        }
        else
        {
            ReadSlices(CollectionsMarshal.AsSpan(tokens), logits, cancellationToken);
        }

        Length += tokens.Count;
    }

    /// <summary>Takes back what was read on trial.</summary>
    public void Forget()
    {
        context.Truncate(Length);
        _guesses.Clear();
        _right = 0;
    }

    void ReadSlices(ReadOnlySpan<int> rest, float[] logits, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slice = rest[..Math.Min(rest.Length, PromptSlice)];
            rest = rest[slice.Length..];
            var scores = context.Append(slice);
            if (rest.IsEmpty)
            {
                scores.CopyTo(logits);
                return;
            }
        }
    }

    void Guess(int next)
    {
        var tokens = context.Tokens;
        if (tokens.Length < PatternLength)
        {
            return;
        }

        ReadOnlySpan<int> pattern = [.. tokens[^(PatternLength - 1)..], next];
        var place = tokens[..^1].LastIndexOf(pattern);
        if (place < 0)
        {
            return;
        }

        var after = tokens[(place + PatternLength)..];
        var room = context.Capacity - context.Length - 1;
        foreach (var token in after[..Math.Min(after.Length, Math.Min(mostGuesses, room))])
        {
            _guesses.Add(token);
        }
    }
}
