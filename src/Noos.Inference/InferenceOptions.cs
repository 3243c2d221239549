using Microsoft.Extensions.Logging;
using Noos.Inference.Batching;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;
using Noos.Inference.Memory;

namespace Noos.Inference;

/// <summary>
/// How a model is computed. Only <see cref="KeyValueType"/> changes results; the other options change speed and memory alone.
/// </summary>
public sealed record InferenceOptions
{
    const int MaxDefaultThreads = 8;
    const long WeightBytesPerThread = 4 << 20;
    // The other half is for weights that are read later, for what contexts compute with, and for other programs.
    const int FreeMemoryDivisor = 2;

    /// <summary>Worker threads including the engine's own. 0 = min(cores, 8, weights / 4 MiB), at least 1.</summary>
    public int Threads { get; init; }

    /// <summary>Max tokens per forward pass while a prompt is read (llama.cpp's ubatch size).</summary>
    public int PromptChunk { get; init; } = 256;

    /// <summary>
    /// Storage of the KV cache: F32 is exact, F16 takes half and differs about as much as another order of additions
    /// does, Q8 takes a quarter.
    /// </summary>
    public KeyValueType KeyValueType { get; init; } = KeyValueType.F16;

    /// <summary>
    /// Max bytes of KV pages, so that conversations go on without being read again; null for half of the memory that is free when the model
    /// is loaded, within the limit of the container, and no more than the machine can spare later. The least recently used conversations
    /// are evicted first. Contexts at work are never refused their pages: nothing else is kept while they hold more. 0 keeps nothing.
    /// </summary>
    public long? PrefixMemory { get; init; }

    /// <summary>The fastest kernels that may be used (<see cref="KernelChoice"/>); all tiers give the same bits.</summary>
    public KernelTier MaxKernelTier { get; init; } = KernelTier.Avx512Vnni;

    /// <summary>Who goes into the next forward pass.</summary>
    public IBatchPolicy BatchPolicy { get; init; } = DecodeFirstPolicy.Instance;

    /// <summary>Receives messages about loading, and about files of keys and values; null for silence.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    // With less work than WeightBytesPerThread per thread, the barriers between phases take longer than the phases, above all on a
    // machine that has other work to do.
    internal int ThreadCount(long weightBytes) => Threads switch
    {
        0 => (int)Math.Clamp(weightBytes / WeightBytesPerThread, 1, Math.Min(Environment.ProcessorCount, MaxDefaultThreads)),
        > 0 and <= 1024 => Threads,
        _ => throw new ArgumentException($"The number of threads must be between 0 (choose) and 1,024, not {Threads}."),
    };

    internal int MaxPages(long pageBytes) => PrefixMemory is not < 0
        ? (int)Math.Min((PrefixMemory ?? (FreeMemory.Measure() / FreeMemoryDivisor)) / pageBytes, int.MaxValue)
        : throw new ArgumentException($"The memory for what was read must be at least 0 bytes, not {PrefixMemory}.");

    internal int ChunkLength => PromptChunk is > 0 and <= 4096
        ? PromptChunk
        : throw new ArgumentException($"The prompt chunk must be between 1 and 4,096 tokens, not {PromptChunk}.");
}
