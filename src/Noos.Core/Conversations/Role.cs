namespace Noos.Core.Conversations;

/// <summary>Who speaks a message. The names are those of ChatML and of the OpenAI chat format.</summary>
public enum Role
{
    System,
    User,
    Assistant,
    Tool,
}
