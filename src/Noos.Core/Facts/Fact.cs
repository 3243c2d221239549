using Noos.Core.Conversations;

namespace Noos.Core.Facts;

/// <summary>One thing that is remembered across conversations.</summary>
/// <param name="Id">Of its row.</param>
/// <param name="Owner">Whose it is; nobody else sees it.</param>
/// <param name="Text">What is remembered, one sentence or a few.</param>
/// <param name="State">Whether models are told of it.</param>
/// <param name="Source">Where it came from, in words: "process 12", "noos memory add".</param>
public sealed record Fact(long Id, string Owner, string Text, FactState State, string Source)
{
    /// <summary>Short words to find it by.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// The least trusted origin of what had been read where it was written; null where all of that is trusted, or a person has accepted it.
    /// </summary>
    public Origin? Origin { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Changed { get; init; }
}
