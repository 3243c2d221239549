namespace Noos.Inference;

/// <summary>How a model is computed. No option changes a result, only how long it takes.</summary>
public sealed record InferenceOptions
{
    const int MostDefaultThreads = 8;

    /// <summary>Number of threads, the caller's included; 0 chooses one a processor, at most eight.</summary>
    public int Threads { get; init; }

    /// <summary>Most tokens that go through the layers together while a prompt is read.</summary>
    public int PromptChunk { get; init; } = 32;

    internal int ThreadCount => Threads switch
    {
        0 => Math.Min(Environment.ProcessorCount, MostDefaultThreads),
        > 0 and <= 1024 => Threads,
        _ => throw new ArgumentException($"The number of threads must be between 0 (choose) and 1,024, not {Threads}."),
    };

    internal int ChunkLength => PromptChunk is > 0 and <= 4096
        ? PromptChunk
        : throw new ArgumentException($"The prompt chunk must be between 1 and 4,096 tokens, not {PromptChunk}.");
}
