namespace Noos.Core;

/// <summary>
/// A failure that the user can act on. Its message is one clear sentence that says what is wrong and what to do next; the command line
/// prints it as it is, without a stack trace.
/// </summary>
public sealed class NoosException : Exception
{
    /// <summary>A failure of the kind <see cref="ErrorKind.Invalid"/>.</summary>
    public NoosException(string message)
        : base(message)
    {
    }

    /// <summary>A failure of the kind <see cref="ErrorKind.Invalid"/>.</summary>
    public NoosException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public NoosException(ErrorKind kind, string message)
        : base(message) => Kind = kind;

    public NoosException(ErrorKind kind, string message, Exception innerException)
        : base(message, innerException) => Kind = kind;

    /// <summary>Decides the HTTP status, the exit code and whether to try again (<see cref="ErrorKinds"/>).</summary>
    public ErrorKind Kind { get; }

    /// <summary>A name for this very failure that programs look for, such as <see cref="ContextLengthExceeded"/>; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>The field of the request that is to blame; null where it is not one alone.</summary>
    public string? Parameter { get; init; }

    /// <summary>After which time the same can succeed; null for what is usual of the kind.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>OpenAI's <see cref="Code"/> of a prompt that is longer than the context.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>The <see cref="Code"/> of a request that came while the system stops.</summary>
    public const string Stopping = "stopping";

    /// <summary>OpenAI's <see cref="Code"/> where somebody has used up what they may.</summary>
    public const string InsufficientQuota = "insufficient_quota";

    /// <summary>OpenAI's <see cref="Code"/> of a model that is not there.</summary>
    public const string ModelNotFound = "model_not_found";
}
