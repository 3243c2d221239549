using Noos.Core.Conversations;

namespace Noos.Kernel.Cpu;

/// <summary>One thing that happens while a model generates a message.</summary>
public abstract record CpuEvent
{
    /// <summary>
    /// The tokens that led to this event and to none before it. Those of the layout, and of text that is held back, come with a later
    /// event, so all of them in order are the beginning of what was generated. Empty where the model runs elsewhere.
    /// </summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];
}

/// <summary>A piece of the answer's text.</summary>
public sealed record TextDelta(string Text) : CpuEvent;

/// <summary>A piece of what the model thinks before its answer.</summary>
public sealed record ThoughtDelta(string Text) : CpuEvent;

/// <summary>The model asks for a tool; the call has an id.</summary>
public sealed record ToolCalled(ToolCallPart Call) : CpuEvent;

/// <summary>
/// How likely the tokens of the text before it were; comes where <see cref="GenerationOptions.TopLogProbabilities"/> asks for it.
/// </summary>
public sealed record TokensScored(IReadOnlyList<ScoredToken> Tokens) : CpuEvent;

/// <summary>
/// The turn can be answered: what was asked for is possible, and the model begins to read. Comes first where a CPU knows it before the
/// first token.
/// </summary>
public sealed record RunStarted : CpuEvent;

/// <summary>
/// Another model answers than was to, which has not said anything yet: only a <see cref="RunStarted"/> may have come before.
/// </summary>
/// <param name="From">The model that could not.</param>
/// <param name="To">The one that is asked now.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record FailedOver(string From, string To, string Reason) : CpuEvent;

/// <summary>The message is complete. Its <see cref="CpuEvent.TokenIds"/> are all that were generated.</summary>
/// <param name="Usage">What it cost.</param>
/// <param name="FinishReason">OpenAI's: stop, length, tool_calls.</param>
/// <param name="Seed">What the draws began with, whoever chose it: with it the same tokens come again. Null where nobody knows.</param>
public sealed record RunFinished(TokenUsage Usage, string FinishReason, ulong? Seed = null) : CpuEvent
{
    /// <summary>So many of the oldest messages did not fit the context and were left out (<see cref="Truncation.Auto"/>).</summary>
    public int OmittedMessages { get; init; }

    /// <summary>
    /// Tokens of the conversation that the model was not shown: those of omitted messages, and of the pages and pieces that a stub or a
    /// note stands for.
    /// </summary>
    public long PagedOutTokens { get; init; }

    /// <summary>What stopped it, beyond the finish reason (<see cref="StopReasons"/>); null where there is no more to say.</summary>
    public string? StopReason { get; init; }

    /// <summary>The stop sequence that ended it; null where none did, or nobody knows.</summary>
    public string? StopSequence { get; init; }
}

/// <summary>What a run of a model cost.</summary>
/// <param name="PromptTokens">Length of the prompt.</param>
/// <param name="CachedTokens">So many of them were still in the model's context and cost nothing.</param>
/// <param name="GeneratedTokens">Length of the answer, thoughts and calls included.</param>
public sealed record TokenUsage(long PromptTokens, long CachedTokens, long GeneratedTokens);
