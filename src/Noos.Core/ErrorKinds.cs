namespace Noos.Core;

/// <summary>The one table from a kind of failure to what programs see of it.</summary>
public static class ErrorKinds
{
    /// <summary>The HTTP status (RFC 9110) that a server answers with.</summary>
    public static int HttpStatus(this ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 400,
        ErrorKind.NotFound => 404,
        ErrorKind.Refused => 403,
        ErrorKind.Busy => 429,
        ErrorKind.Unavailable => 502,
        ErrorKind.OutOfMemory => 503,
        _ => 500,
    };

    /// <summary>The exit code of a command, after BSD's sysexits.h where it has a fitting one; 1 for plain wrong use.</summary>
    public static int ExitCode(this ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 1,
        ErrorKind.Damaged => 65,      // EX_DATAERR
        ErrorKind.NotFound => 66,     // EX_NOINPUT
        ErrorKind.Unavailable => 69,  // EX_UNAVAILABLE
        ErrorKind.Internal => 70,     // EX_SOFTWARE
        ErrorKind.OutOfMemory => 71,  // EX_OSERR
        ErrorKind.Busy => 75,         // EX_TEMPFAIL
        ErrorKind.Refused => 77,      // EX_NOPERM
        _ => 70,
    };

    /// <summary>Whether the same request can succeed later without a change.</summary>
    public static bool CanRetry(this ErrorKind kind) => kind is ErrorKind.Busy or ErrorKind.Unavailable or ErrorKind.OutOfMemory;
}
