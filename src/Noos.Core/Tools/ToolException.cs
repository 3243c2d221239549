namespace Noos.Core.Tools;

/// <summary>
/// A tool refuses: its message is one short sentence that the model can read and repeat to the user. The loop that runs the tool
/// hands it to the model as "Error: " and the message.
/// </summary>
public sealed class ToolException : Exception
{
    public ToolException(string message)
        : base(message)
    {
    }

    public ToolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
