using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>Puts what tools know before the first message of a conversation.</summary>
public static class ConversationOpening
{
    /// <param name="tools">Those that the model may call.</param>
    /// <param name="owner">Whose conversation begins.</param>
    /// <param name="message">What is said first.</param>
    /// <returns>
    /// The message, with further parts in front. They stand in it and not in a message of their own, because many chat templates take only
    /// one system message, or none.
    /// </returns>
    public static Message AddTo(IEnumerable<ITool> tools, string owner, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Part[] opening = [.. tools.OfType<IOpeningTool>().Select(tool => tool.Open(owner, message.Text())).OfType<Part>()];
        return opening.Length == 0 ? message : message with { Parts = [.. opening, .. message.Parts] };
    }
}
