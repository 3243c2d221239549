namespace Noos.Core;

/// <summary>
/// What kind of failure a <see cref="NoosException"/> is: decides the HTTP status, the exit code, and whether trying again can help.
/// </summary>
public enum ErrorKind
{
    /// <summary>The request or the input is wrong; the same request fails again.</summary>
    Invalid,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>It exists but may not be done: a limit, a permission, a policy.</summary>
    Refused,

    /// <summary>Too much is under way at the moment; the same request can succeed later.</summary>
    Busy,

    /// <summary>Something that is needed, such as a remote model or a hub, cannot be reached or fails; trying again can help.</summary>
    Unavailable,

    /// <summary>A file or an answer from elsewhere is corrupt or not what it says it is.</summary>
    Damaged,

    /// <summary>The machine has not enough memory or disk for it.</summary>
    OutOfMemory,

    /// <summary>A fault of Noos itself.</summary>
    Internal,
}
