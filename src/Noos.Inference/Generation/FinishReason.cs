using Noos.Inference.Sampling;

namespace Noos.Inference.Generation;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>It has not ended, or its consumer stopped listening.</summary>
    None,

    /// <summary>The model ended its turn or its text.</summary>
    Stop,

    /// <summary>The constraint allows nothing more.</summary>
    Complete,

    /// <summary><see cref="SamplingOptions.MaxTokens"/> were generated.</summary>
    MaxTokens,

    /// <summary>The context holds no more tokens.</summary>
    ContextFull,
}
