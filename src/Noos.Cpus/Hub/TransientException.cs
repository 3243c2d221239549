using Noos.Core;

namespace Noos.Cpus.Hub;

/// <summary>A failure of the way to a server that another attempt may not meet; the message says in half a sentence what it was.</summary>
/// <param name="retryAfter">The wait that the server asks for.</param>
/// <param name="isUnreachable">No connection came about at all.</param>
/// <param name="isBusy">The server asks for fewer requests.</param>
sealed class TransientException(
    string message, Exception? innerException = null, TimeSpan? retryAfter = null, bool isUnreachable = false, bool isBusy = false)
        : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool IsUnreachable { get; } = isUnreachable;

    /// <summary>What it is when no further attempt is made.</summary>
    public ErrorKind Kind { get; } = isBusy ? ErrorKind.Busy : ErrorKind.Unavailable;
}
