namespace Noos.Core;

/// <summary>
/// A failure that the user can act on. Its message is one clear sentence that says what is wrong and what to do next; the command line
/// prints it as it is, without a stack trace.
/// </summary>
public sealed class NoosException : Exception
{
    public NoosException(string message)
        : base(message)
    {
    }

    public NoosException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
