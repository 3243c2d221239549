namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// A program in a sandbox. It is ended, with all that it has started, when this is disposed, when it passes a limit, and when Noos ends.
/// </summary>
public interface ISandboxSession : IAsyncDisposable
{
    /// <summary>Its standard input; closing it tells a well-behaved program to end.</summary>
    Stream Input { get; }

    /// <summary>Its standard output.</summary>
    Stream Output { get; }

    /// <summary>Its standard error.</summary>
    Stream Error { get; }

    /// <summary>The folder that it may write in, as the program sees it.</summary>
    string Folder { get; }

    /// <summary>Ends with the program; says why it ended, in one sentence.</summary>
    Task<string> Ended { get; }

    /// <summary>While it is at work its use of the machine is looked at more often; its processor time is its caller's affair.</summary>
    bool IsBusy { get; set; }

    /// <summary>Ends the program with everything that it has started.</summary>
    /// <param name="reason">What <see cref="Ended"/> says.</param>
    void Kill(string reason);
}
