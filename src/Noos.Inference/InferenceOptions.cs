namespace Noos.Inference;

/// <summary>How a model is computed. No option changes a result but <see cref="KeyValueType"/>; the others change how long it takes.</summary>
public sealed record InferenceOptions
{
    const int MostDefaultThreads = 8;
    const long WeightBytesPerThread = 4 << 20;

    /// <summary>
    /// Number of threads, the caller's included; 0 chooses: at most one a processor and eight in all, and no more than the model is large
    /// enough to keep busy.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Most tokens that go through the layers together while a prompt is read.</summary>
    public int PromptChunk { get; init; } = 256;

    /// <summary>How keys and values are kept: F32 is exact, F16 is half as large and differs about as much as other orders of additions do, Q8 is a quarter.</summary>
    public KeyValueType KeyValueType { get; init; } = KeyValueType.F16;

    /// <summary>Most bytes of keys and values kept for conversations to come that begin like earlier ones.</summary>
    public long PrefixMemory { get; init; } = 256 << 20;

    /// <summary>
    /// Below a few megabytes of weights a thread, meeting at barriers takes longer than the work between them, above all on a machine
    /// that has other work to do.
    /// </summary>
    internal int ThreadCount(long weightBytes) => Threads switch
    {
        0 => (int)Math.Clamp(weightBytes / WeightBytesPerThread, 1, Math.Min(Environment.ProcessorCount, MostDefaultThreads)),
        > 0 and <= 1024 => Threads,
        _ => throw new ArgumentException($"The number of threads must be between 0 (choose) and 1,024, not {Threads}."),
    };

    internal int UnusedPages(long pageBytes) => PrefixMemory >= 0
        ? (int)Math.Min(PrefixMemory / pageBytes, int.MaxValue)
        : throw new ArgumentException($"The memory for common beginnings must be at least 0 bytes, not {PrefixMemory}.");

    internal int ChunkLength => PromptChunk is > 0 and <= 4096
        ? PromptChunk
        : throw new ArgumentException($"The prompt chunk must be between 1 and 4,096 tokens, not {PromptChunk}.");
}
