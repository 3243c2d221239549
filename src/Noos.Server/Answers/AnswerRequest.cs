using Noos.Kernel.Cpu;

namespace Noos.Server.Answers;

/// <summary>What a request of any of the APIs asks of a model, checked.</summary>
/// <param name="Turn">The conversation, the tools and the options.</param>
sealed record AnswerRequest(Turn Turn)
{
    /// <summary>The tools of the server run; else those of the turn are the caller's, and calls are only reported.</summary>
    public bool UsesServerTools { get; init; }

    /// <summary>The names of the server's tools that were asked for; null for all.</summary>
    public IReadOnlyList<string>? ServerTools { get; init; }

    /// <summary>Texts that are continued, each by as many answers; null where the conversation is answered.</summary>
    public IReadOnlyList<RawPrompt>? Prompts { get; init; }

    /// <summary>So many answers to the same question. With a seed each has the one after that of the answer before.</summary>
    public int Count { get; init; } = 1;

    /// <summary>All answers: those to the first prompt, then those to the second.</summary>
    public int Total => Count * (Prompts?.Count ?? 1);

    /// <summary>Whose request it is, where it says so.</summary>
    public string? User { get; init; }

    /// <summary>The field that the conversation came in.</summary>
    public string ContentField { get; init; } = "messages";

    /// <summary>A name that no model has is refused; else the usual model answers.</summary>
    public bool NeedsModel { get; init; }
}
