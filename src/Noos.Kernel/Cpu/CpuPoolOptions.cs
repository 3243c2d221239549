namespace Noos.Kernel.Cpu;

/// <summary>What a <see cref="CpuPool"/> may hold, and when another model answers.</summary>
public sealed record CpuPoolOptions
{
    /// <summary>
    /// Bytes of weights that models beside the usual one may take together; null without a limit. What is idle longest is closed for what
    /// is asked for.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>Who answers, in this order, where the usual model cannot and a turn names nobody itself.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <summary>
    /// With so many turns of its class and better ones at work and waiting a model counts as busy, and a turn that may go elsewhere does.
    /// </summary>
    public int MaxTurns { get; init; } = 16;

    /// <summary>
    /// The name of the model for turns that name none, asked at every such turn; null, or a null name, for the usual one. So a model that
    /// takes its place answers from its next turn on, and answers under way end on the model that began them.
    /// </summary>
    public Func<string?>? Usual { get; init; }

    /// <summary>After a failure a model is passed over for so long by turns that may go elsewhere.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromSeconds(10);
}
