using Noos.Language.Gguf;

namespace Noos.Factory.Policies;

/// <summary>How a policy's answers are drawn.</summary>
public sealed record SamplerOptions
{
    /// <summary>Longest answer in tokens.</summary>
    public int MaxTokens { get; init; } = 96;

    /// <summary>Divides the logits before the draw; 1 draws from the policy as it is, as reinforcement needs it. 0 is greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Answers that are drawn at the same time. Changes none of them.</summary>
    public int Parallel { get; init; } = 32;

    /// <summary>The type in which the engine reads the matrices.</summary>
    public GgufTensorType Type { get; init; } = GgufTensorType.F16;
}
