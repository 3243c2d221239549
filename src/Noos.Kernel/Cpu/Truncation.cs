namespace Noos.Kernel.Cpu;

/// <summary>What happens to a conversation that is longer than the context; OpenAI's words.</summary>
public enum Truncation
{
    /// <summary>The oldest turns are left out, which <see cref="RunFinished.OmittedMessages"/> tells.</summary>
    Auto,

    /// <summary>It is refused.</summary>
    Disabled,
}
