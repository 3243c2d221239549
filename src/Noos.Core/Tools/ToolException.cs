namespace Noos.Core.Tools;

/// <summary>
/// A tool refuses: its message is one short sentence that the model can read and repeat to the user. The gate makes it a result that is
/// marked as an error.
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
