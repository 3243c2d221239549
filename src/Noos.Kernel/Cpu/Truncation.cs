namespace Noos.Kernel.Cpu;

/// <summary>What happens to a conversation that is longer than the context; OpenAI's words.</summary>
public enum Truncation
{
    /// <summary>
    /// The oldest of it is paged out, which <see cref="RunFinished.OmittedMessages"/> and <see cref="RunFinished.PagedOutTokens"/> tell.
    /// </summary>
    Auto,

    /// <summary>It is refused.</summary>
    Disabled,
}
