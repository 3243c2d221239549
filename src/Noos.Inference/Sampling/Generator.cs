using Noos.Language;

namespace Noos.Inference;

/// <summary>
/// Generates a continuation of a prompt, token by token. What the context already holds of the prompt is not read again. One object
/// for one generation at a time; its properties tell of the latest.
/// </summary>
public sealed class Generator
{
    /// <summary>Why the generation ended.</summary>
    public FinishReason FinishReason { get; private set; }

    /// <summary>Tokens of the prompt that this or another context had already read.</summary>
    public int ReusedTokens { get; private set; }

    /// <summary>Tokens that were read on trial and then chosen (see <see cref="SamplingOptions.GuessedTokens"/>).</summary>
    public int RightGuesses { get; private set; }

    /// <summary>Tokens yielded so far.</summary>
    public int GeneratedTokens { get; private set; }

    /// <summary>
    /// Yields the generated tokens; the token that ends the turn or the text is not yielded. The context afterwards holds the prompt and
    /// what was generated (the last tokens may not have been read), so the next prompt that begins like this costs only its new part.
    /// </summary>
    /// <exception cref="NoosException">The prompt leaves no room in the context, or the model's weights are damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the context stays usable.</exception>
    public IEnumerable<int> Generate(
        InferenceContext context,
        int[] promptTokens,
        SamplingOptions options,
        ITokenConstraint? constraint = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(promptTokens);
        ArgumentNullException.ThrowIfNull(options);
        if (promptTokens.Length == 0)
        {
            throw new ArgumentException("The prompt must have at least one token.", nameof(promptTokens));
        }

        if (promptTokens.Length >= context.Capacity)
        {
            throw new NoosException(
                $"The prompt has {promptTokens.Length:N0} tokens and the context holds {context.Capacity:N0}; shorten the conversation.");
        }

        return Run(context, promptTokens, options, new Sampler(options), constraint, cancellationToken);
    }

    IEnumerable<int> Run(
        InferenceContext context, int[] prompt, SamplingOptions options, Sampler sampler, ITokenConstraint? constraint, CancellationToken cancellationToken)
    {
        FinishReason = FinishReason.None;
        GeneratedTokens = 0;
        ReusedTokens = Reuse(context, prompt);
        var adopted = context.AdoptedTokens;
        var reader = new TokenReader(context, options.GuessedTokens);
        var logits = new float[context.Model.Config.VocabularySize];
        var pending = new List<int>(prompt[ReusedTokens..]);
        var forced = new List<int>();
        try
        {
            while (true)
            {
                if (constraint is { IsComplete: true })
                {
                    FinishReason = FinishReason.Complete;
                    yield break;
                }

                if (GeneratedTokens >= options.MaxTokens)
                {
                    FinishReason = FinishReason.MaxTokens;
                    yield break;
                }

                if (pending.Count > context.Capacity - reader.Length)
                {
                    FinishReason = FinishReason.ContextFull;
                    yield break;
                }

                forced.Clear();
                constraint?.Force(forced);
                if (forced.Count == 0)
                {
                    reader.Read(pending, logits, cancellationToken);
                    ReusedTokens += (int)(context.AdoptedTokens - adopted);
                    adopted = context.AdoptedTokens;
                    pending.Clear();
                    constraint?.Mask(logits);
                    var token = Sample(context, sampler, logits);
                    if (context.Model.Tokenizer.EndsGeneration(token))
                    {
                        FinishReason = FinishReason.Stop;
                        yield break;
                    }

                    forced.Add(token);
                }

                foreach (var token in forced)
                {
                    if (GeneratedTokens >= options.MaxTokens)
                    {
                        break;
                    }

                    constraint?.Accept(token);
                    sampler.Accept(token);
                    pending.Add(token);
                    GeneratedTokens++;
                    yield return token;
                }
            }
        }
        finally
        {
            reader.Forget();
            RightGuesses = reader.RightGuesses;
        }
    }

    static int Sample(InferenceContext context, Sampler sampler, Span<float> logits)
    {
        try
        {
            return sampler.Sample(logits);
        }
        catch (ArgumentException e)
        {
            throw new NoosException(
                $"The model '{context.Model.Name}' gives no usable score to any allowed token, so its weights are damaged; export or download it again.", e);
        }
    }

    /// <summary>Truncates the context to what it shares with the prompt; at least one token is left to read, for its logits.</summary>
    static int Reuse(InferenceContext context, ReadOnlySpan<int> prompt)
    {
        var shared = Math.Min(context.Tokens.CommonPrefixLength(prompt), prompt.Length - 1);
        context.Truncate(shared);
        return shared;
    }
}
