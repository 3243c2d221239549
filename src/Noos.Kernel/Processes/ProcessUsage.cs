namespace Noos.Kernel.Processes;

/// <summary>What a process has spent so far, without its children.</summary>
/// <param name="TokensIn">Prompt tokens, those from the cache included.</param>
/// <param name="TokensOut">Tokens generated.</param>
/// <param name="Calls">Calls of tools.</param>
/// <param name="Milliseconds">Running: the model, or a call.</param>
public sealed record ProcessUsage(long TokensIn = 0, long TokensOut = 0, long Calls = 0, long Milliseconds = 0)
{
    public static ProcessUsage operator +(ProcessUsage left, ProcessUsage right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new ProcessUsage(
            left.TokensIn + right.TokensIn, left.TokensOut + right.TokensOut, left.Calls + right.Calls,
            left.Milliseconds + right.Milliseconds);
    }

    /// <summary>The same as the operator.</summary>
    public ProcessUsage Add(ProcessUsage other) => this + other;
}
