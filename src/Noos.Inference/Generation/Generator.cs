using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Noos.Core;
using Noos.Inference.Constraints;
using Noos.Inference.Diagnostics;
using Noos.Inference.Sampling;
using Noos.Language.Tokenization;

namespace Noos.Inference.Generation;

/// <summary>
/// Generates a continuation of a prompt, token by token. What the context already holds of the prompt is not computed again. One
/// generation at a time; the properties describe the latest one. Three ways to drive it give the same tokens: <see cref="RunAsync"/> on
/// the engine's threads, fastest and without a thread of the caller's, and enumerations, which compute when they are asked.
/// </summary>
public sealed class Generator
{
    /// <summary>Why the generation ended.</summary>
    public FinishReason FinishReason { get; private set; }

    /// <summary>
    /// The seed of the latest generation: that of the options, else the one that was drawn. Valid from the call of <see cref="Generate"/>
    /// on; with it and the same options the same tokens come again.
    /// </summary>
    public ulong Seed { get; private set; }

    /// <summary>Prompt tokens that were not computed, because this context or the prefix cache had them.</summary>
    public int ReusedTokens { get; private set; }

    /// <summary>
    /// Draft tokens that were then sampled, each of which saved a pass (see <see cref="SamplingOptions.DraftTokens"/>); set at the end.
    /// </summary>
    public int AcceptedDraftTokens { get; private set; }

    /// <summary>Tokens yielded so far.</summary>
    public int GeneratedTokens { get; private set; }

    /// <summary>
    /// Of the token yielded last, if <see cref="SamplingOptions.TopLogProbabilities"/> asks for it: the model's own distribution, before
    /// temperature, penalties, bias and constraints.
    /// </summary>
    public TokenScores? Scores { get; private set; }

    /// <summary>
    /// Generates on the engine's own threads: a token that was drawn goes into the next pass at once, whoever else is busy. The token that
    /// ends the turn or the text is not among those given. The context afterwards holds the prompt and what was generated (the last tokens
    /// may not have been read), so the next prompt that begins like this costs only its new part.
    /// </summary>
    /// <param name="context">Not for other use until the generation ends.</param>
    /// <param name="promptTokens">At least one.</param>
    /// <param name="options">How tokens are drawn, and how many.</param>
    /// <param name="onToken">
    /// Called with each token, before the next one is computed; false ends the generation. Must not block, since others wait. The
    /// properties hold for this token.
    /// </param>
    /// <param name="constraint">What the text must obey; null for nothing.</param>
    /// <param name="cancellationToken">Noticed before each pass.</param>
    /// <exception cref="NoosException">
    /// The prompt leaves no room in the context or the bias names an unknown token (Invalid), the logits are all NaN (Damaged), or memory
    /// is short (OutOfMemory).
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the context stays usable.</exception>
    public async Task RunAsync(
        InferenceContext context,
        int[] promptTokens,
        SamplingOptions options,
        Func<int, bool> onToken,
        ITokenConstraint? constraint = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onToken);
        var steps = Start(context, promptTokens, options, constraint, cancellationToken);
        using var activity = Telemetry.Activities.StartActivity("generate");
        try
        {
            await context.Drive(new GenerationTask(steps, onToken));
        }
        finally
        {
            Report(activity, context.Model.Name, promptTokens.Length);
        }
    }

    /// <summary>
    /// As <see cref="RunAsync"/>, but yields the tokens, each computed when it is asked for; waits for passes without holding a thread.
    /// </summary>
    public async IAsyncEnumerable<int> GenerateAsync(
        InferenceContext context,
        int[] promptTokens,
        SamplingOptions options,
        ITokenConstraint? constraint = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var activity = Telemetry.Activities.StartActivity("generate");
        try
        {
            foreach (var step in Start(context, promptTokens, options, constraint, cancellationToken))
            {
                if (step.Request is { } request)
                {
                    await context.WaitAsync(request);
                }
                else
                {
                    yield return step.Token;
                }
            }
        }
        finally
        {
            Report(activity, context.Model.Name, promptTokens.Length);
        }
    }

    /// <summary>As <see cref="GenerateAsync"/>, on the thread that enumerates, which waits for each pass.</summary>
    public IEnumerable<int> Generate(
        InferenceContext context,
        int[] promptTokens,
        SamplingOptions options,
        ITokenConstraint? constraint = null,
        CancellationToken cancellationToken = default)
    {
        var steps = Start(context, promptTokens, options, constraint, cancellationToken);
        return Enumerate();

        IEnumerable<int> Enumerate()
        {
            using var activity = Telemetry.Activities.StartActivity("generate");
            try
            {
                foreach (var step in steps)
                {
                    if (step.Request is { } request)
                    {
                        context.Wait(request);
                    }
                    else
                    {
                        yield return step.Token;
                    }
                }
            }
            finally
            {
                Report(activity, context.Model.Name, promptTokens.Length);
            }
        }
    }

    IEnumerable<GenerationStep> Start(
        InferenceContext context, int[] promptTokens, SamplingOptions options, ITokenConstraint? constraint,
        CancellationToken cancellationToken)
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

        var spans = options.GreedySpans ? new GreedySpanTracker(context.Model.Tokenizer, () => constraint?.IsInCall == true) : null;
        var sampler = new Sampler(options, EndsSequence(context.Model.Tokenizer, options.SequencePenalty?.Breakers ?? []), spans);
        if (options.LogitBias.Keys.Any(token => token >= context.Model.Config.VocabularySize))
        {
            throw new NoosException(
                $"The logit bias names the token {options.LogitBias.Keys.Max()}, but the vocabulary of '{context.Model.Name}' ends at "
                + $"{context.Model.Config.VocabularySize - 1}.")
            {
                Parameter = "logit_bias",
            };
        }

        Seed = sampler.Seed;
        sampler.AcceptPrompt(promptTokens);
        return Steps(context, promptTokens, options, sampler, constraint, cancellationToken);
    }

    IEnumerable<GenerationStep> Steps(
        InferenceContext context, int[] prompt, SamplingOptions options, Sampler sampler, ITokenConstraint? constraint,
        CancellationToken cancellationToken)
    {
        FinishReason = FinishReason.None;
        Scores = null;
        GeneratedTokens = 0;
        ReusedTokens = Reuse(context, prompt);
        var adopted = context.AdoptedTokens;
        var decoder = new PromptLookupDecoder(context, options.DraftTokens);
        var pending = new List<int>(prompt[ReusedTokens..]);
        var forced = new List<int>();
        var forcedAt = 0;
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

                // The last token need not be read, so one more can be generated than the context holds.
                if (pending.Count > context.Capacity - decoder.Length)
                {
                    FinishReason = FinishReason.ContextFull;
                    yield break;
                }

                if (forcedAt == forced.Count)
                {
                    forced.Clear();
                    forcedAt = 0;
                    constraint?.Force(forced);
                }

                // A forced token needs no logits, so forced tokens pile up in pending and are read in one pass.
                var isForced = forcedAt < forced.Count;
                var scores = default(float[]);
                if (!isForced || options.TopLogProbabilities is not null)
                {
                    foreach (var request in decoder.Decode(pending, cancellationToken))
                    {
                        yield return new GenerationStep(request, 0);
                    }

                    ReusedTokens += (int)(context.AdoptedTokens - adopted);
                    adopted = context.AdoptedTokens;
                    pending.Clear();
                    scores = options.TopLogProbabilities is null ? null : decoder.Logits.ToArray();
                }

                if (!isForced)
                {
                    constraint?.Mask(decoder.Logits.Span);
                }

                var token = isForced ? forced[forcedAt++] : Sample(context, sampler, decoder.Logits.Span);
                if (context.Model.Tokenizer.EndsGeneration(token))
                {
                    FinishReason = FinishReason.Stop;
                    yield break;
                }

                Scores = scores is null ? null : TokenScores.Compute(scores, token, options.TopLogProbabilities!.Value);
                constraint?.Accept(token);
                sampler.Accept(token);
                pending.Add(token);
                GeneratedTokens++;
                yield return new GenerationStep(null, token);
            }
        }
        finally
        {
            decoder.DiscardDraft();
            AcceptedDraftTokens = decoder.AcceptedDraftTokens;
        }
    }

    /// <summary>Once per generation, also one that was cancelled or failed.</summary>
    void Report(Activity? activity, string model, int promptTokens)
    {
        Telemetry.PromptTokens.Add(promptTokens - ReusedTokens);
        Telemetry.CachedTokens.Add(ReusedTokens);
        Telemetry.GeneratedTokens.Add(GeneratedTokens);
        activity?.SetTag("gen_ai.request.model", model);
        activity?.SetTag("gen_ai.usage.input_tokens", promptTokens);
        activity?.SetTag("gen_ai.usage.output_tokens", GeneratedTokens);
        activity?.SetTag("gen_ai.response.finish_reasons", FinishReason.ToString());
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
                ErrorKind.Damaged,
                $"The model '{context.Model.Name}' gives no usable score to any allowed token, so its weights are damaged; export or "
                + "download it again.",
                e);
        }
    }

    /// <summary>Whether a token contains one of the sequence breakers; the answers are cached.</summary>
    static Func<int, bool> EndsSequence(Tokenizer tokenizer, IReadOnlyList<string> breakers)
    {
        byte[][] texts = [.. breakers.Select(Encoding.UTF8.GetBytes)];
        var known = new Dictionary<int, bool>();
        return token =>
            known.TryGetValue(token, out var ends)
                ? ends
                : known[token] = Array.Exists(texts, text => tokenizer.BytesOf(token).IndexOf(text) >= 0);
    }

    /// <summary>
    /// Truncates the context to what it shares with the prompt and takes over what the prefix cache knows of the rest; at least one token
    /// is left to read, for its logits.
    /// </summary>
    static int Reuse(InferenceContext context, ReadOnlySpan<int> prompt)
    {
        var shared = Math.Min(context.Tokens.CommonPrefixLength(prompt), prompt.Length - 1);
        context.Truncate(shared);
        // At once and not slice by slice: of each slice one token would be left to read.
        return shared + context.Adopt(prompt[shared..]);
    }
}
