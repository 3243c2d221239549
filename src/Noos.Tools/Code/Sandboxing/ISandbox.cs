namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// Runs programs that nobody trusts: without a network, with a read-only system, one folder to write in, limits, and never with the rights
/// of root. Thread-safe.
/// </summary>
public interface ISandbox
{
    SandboxLevel Level { get; }

    /// <summary>What confines the programs, in one sentence for a person.</summary>
    string Description { get; }

    /// <summary>
    /// Starts a program. That it could not be confined or started shows when it ends at once: <see cref="ISandboxSession.Ended"/>.
    /// </summary>
    /// <exception cref="Core.NoosException">The machine cannot start it.</exception>
    ISandboxSession Start(SandboxProgram program);
}
