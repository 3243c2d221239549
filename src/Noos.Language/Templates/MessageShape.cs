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
}
