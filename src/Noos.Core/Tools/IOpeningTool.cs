using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>A tool that knows something which belongs before the first message of a conversation, such as facts about who asks.</summary>
public interface IOpeningTool : ITool
{
    /// <summary>
    /// What the model is to read before the message, labelled with where it comes from; null for nothing. Bounded in size.
    /// </summary>
    /// <param name="owner">Whose conversation begins.</param>
    /// <param name="message">What is said first.</param>
    TextPart? Open(string owner, string message);
}
