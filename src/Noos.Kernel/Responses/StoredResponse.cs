using Noos.Core.Conversations;

namespace Noos.Kernel.Responses;

/// <summary>An answer of an API that clients continue by its id, to be kept.</summary>
/// <param name="Id">By which it is asked for; unique among all owners.</param>
/// <param name="Owner">Whose it is: nobody else hears of it.</param>
/// <param name="Body">As it was answered: JSON in the words of the API.</param>
/// <param name="Input">The list of what it answers, likewise.</param>
public sealed record StoredResponse(string Id, string Owner, string Body, string Input)
{
    /// <summary>The conversation until its end, without instructions.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>The response that it continues; null for the beginning of a conversation.</summary>
    public string? Previous { get; init; }

    /// <summary>
    /// So many of the first <see cref="Messages"/> are those of <see cref="Previous"/>: they are kept once, however long the conversation.
    /// </summary>
    public int SharedMessages { get; init; }
}
