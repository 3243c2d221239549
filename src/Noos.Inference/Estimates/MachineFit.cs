using Noos.Inference.KeyValues;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Inference.Estimates;

/// <summary>What running a model takes of this machine.</summary>
/// <param name="Context">Tokens planned for.</param>
/// <param name="CacheType">How keys and values are kept.</param>
/// <param name="CacheBytes">Keys and values of that many tokens.</param>
/// <param name="MemoryBytes">Weights and cache.</param>
/// <param name="MachineMemoryBytes">What this machine, or the limit set for this program, has in all.</param>
/// <param name="DecodeTokensPerSecond">A bound, 0 without weights: as fast as memory gives the weights, or the cores compute.</param>
/// <param name="DecodeTokensPerSecondAtContext">The same when the cache is full and is read for each token too.</param>
/// <param name="PromptTokensPerSecond">As fast as the cores compute, at the beginning.</param>
/// <param name="PromptTokensPerSecondAtContext">On average of a prompt that fills the context: attention grows with it.</param>
public sealed record MachineFit(
    int Context,
    KeyValueType CacheType,
    long CacheBytes,
    long MemoryBytes,
    long MachineMemoryBytes,
    int Threads,
    double BytesPerSecond,
    double OperationsPerSecond,
    double ProductsPerSecond,
    double DecodeTokensPerSecond,
    double DecodeTokensPerSecondAtContext,
    double PromptTokensPerSecond,
    double PromptTokensPerSecondAtContext)
{
    const int MaxPlannedContext = 4096;

    public bool Fits => MemoryBytes <= MachineMemoryBytes;

    /// <param name="model">What the file says.</param>
    /// <param name="config">The same as the engine understands it; null where it does not know the architecture.</param>
    /// <param name="context">Null for what the model was made for, within reason.</param>
    /// <param name="cacheType">How keys and values are kept.</param>
    /// <param name="speed">What the cores can do.</param>
    public static MachineFit Estimate(
        ModelInspection model, DecoderConfig? config, int? context, KeyValueType cacheType, MachineSpeed speed)
    {
        var tokens = context ?? (int)Math.Clamp(model.ContextLength ?? MaxPlannedContext, 1, MaxPlannedContext);
        var cache = cacheType.BytesOf((long)Int128.Min((Int128)model.CacheValuesPerToken * tokens, long.MaxValue));
        var floatShare = FloatShare(model);
        // Of an unknown architecture: as wide as the residual stream, without windows.
        var attention = config?.AttentionOperations(tokens)
            ?? 2.0 * (model.BlockCount ?? 0) * (model.EmbeddingLength ?? 0) * tokens * tokens;
        // The last token meets twice as many as it is on average.
        var (compute, computeAtEnd) = (Rate(0), Rate(2 * attention / tokens));
        return new MachineFit(
            tokens,
            cacheType,
            cache,
            model.WeightBytes + cache,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Environment.ProcessorCount,
            speed.BytesPerSecond,
            speed.OperationsPerSecond,
            speed.ProductsPerSecond,
            Math.Min(compute, speed.BytesPerSecond / Math.Max(1, model.ActiveWeightBytes)),
            Math.Min(computeAtEnd, speed.BytesPerSecond / Math.Max(1.0, (double)model.ActiveWeightBytes + cache)),
            compute,
            Rate(attention / tokens));

        double Rate(double operations) =>
            model.ActiveParameterCount == 0 ? 0 : 1 / speed.SecondsFor(model.ActiveParameterCount, floatShare, operations);
    }

    /// <summary>The part of a model's weights that are computed as floats; the others are multiplied as 8-bit integers.</summary>
    public static double FloatShare(ModelInspection model) =>
        model.Types.Where(share => share.Type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.BF16)
            .Sum(share => (double)share.Values) / Math.Max(1, model.ParameterCount);
}
