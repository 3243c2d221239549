namespace Noos.Kernel.Cpu;

/// <summary>What stopped an answer whose finish reason is <see cref="FinishReasons.Stop"/>; vLLM has a field of this name.</summary>
public static class StopReasons
{
    /// <summary>It repeated itself and was cut back.</summary>
    public const string Loop = "loop";
}
