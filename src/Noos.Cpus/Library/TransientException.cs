namespace Noos.Cpus.Library;

/// <summary>A failure of the way to a server that another attempt may not meet; the message says in half a sentence what it was.</summary>
/// <param name="retryAfter">The wait that the server asks for.</param>
sealed class TransientException(string message, Exception? innerException = null, TimeSpan? retryAfter = null, bool isUnreachable = false) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>No connection came about at all.</summary>
    public bool IsUnreachable { get; } = isUnreachable;
}
