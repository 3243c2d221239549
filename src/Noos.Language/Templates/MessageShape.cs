namespace Noos.Language.Templates;

/// <summary>How messages are handed to a template, which differ in what they can read (llama.cpp calls it their "caps").</summary>
sealed record MessageShape
{
    /// <summary>Contents are lists of parts even where they are one text.</summary>
    public bool HasTypedContent { get; init; }

    /// <summary>Arguments of calls are the text of their JSON.</summary>
    public bool HasTextArguments { get; init; }

    /// <summary>Ids of calls are nine letters and digits, as Mistral's templates demand.</summary>
    public bool HasShortIds { get; init; }

    /// <summary>No tools are an empty list.</summary>
    public bool HasToolList { get; init; }

    /// <summary>System messages become part of the user message behind them.</summary>
    public bool MergesSystem { get; init; }

    /// <summary>All system messages become one, which comes first.</summary>
    public bool HasOneSystem { get; init; }

    /// <summary>Messages of one role in a row become one.</summary>
    public bool Alternates { get; init; }

    /// <summary>What an assistant says beside its calls becomes a part of its thoughts, where it has some.</summary>
    public bool HasThoughtOrContent { get; init; }

    /// <summary>The template writes files in its own way; else they are part of the text.</summary>
    public bool HasFiles { get; init; }

    /// <summary>The field of thoughts: <c>reasoning_content</c>, <c>reasoning</c>, <c>thinking</c> or <c>thought</c>.</summary>
    public string ThoughtField { get; init; } = UsualThoughtField;

    /// <summary>The most usual name of it.</summary>
    public const string UsualThoughtField = "reasoning_content";
}
