using Noos.Inference.KeyValues;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary>What running a model takes of this machine.</summary>
/// <param name="Context">Tokens planned for.</param>
/// <param name="CacheType">How keys and values are kept.</param>
/// <param name="CacheBytes">Keys and values of that many tokens.</param>
/// <param name="MemoryBytes">Weights and cache.</param>
/// <param name="MachineMemoryBytes">What this machine, or the limit set for this program, has in all.</param>
/// <param name="DecodeTokensPerSecond">A bound, 0 without weights: as fast as memory gives the weights, or the cores compute.</param>
/// <param name="DecodeTokensPerSecondAtContext">The same when the cache is full and is read for each token too.</param>
/// <param name="PromptTokensPerSecond">As fast as the cores compute.</param>
sealed record MachineFit(
    int Context,
    KeyValueType CacheType,
    long CacheBytes,
    long MemoryBytes,
    long MachineMemoryBytes,
    int Threads,
    double BytesPerSecond,
    double OperationsPerSecond,
    double DecodeTokensPerSecond,
    double DecodeTokensPerSecondAtContext,
    double PromptTokensPerSecond)
{
    const int MaxPlannedContext = 4096;

    public bool Fits => MemoryBytes <= MachineMemoryBytes;

    public static MachineFit Estimate(ModelInspection model, int? context, KeyValueType cacheType, MachineSpeed speed)
    {
        var tokens = context ?? (int)Math.Clamp(model.ContextLength ?? MaxPlannedContext, 1, MaxPlannedContext);
        var cache = cacheType.BytesOf((long)Int128.Min((Int128)model.CacheValuesPerToken * tokens, long.MaxValue));
        var compute = model.ActiveParameterCount == 0 ? 0 : speed.OperationsPerSecond / (2.0 * model.ActiveParameterCount);
        return new MachineFit(
            tokens,
            cacheType,
            cache,
            model.WeightBytes + cache,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Environment.ProcessorCount,
            speed.BytesPerSecond,
            speed.OperationsPerSecond,
            Math.Min(compute, speed.BytesPerSecond / Math.Max(1, model.ActiveWeightBytes)),
            Math.Min(compute, speed.BytesPerSecond / Math.Max(1.0, (double)model.ActiveWeightBytes + cache)),
            compute);
    }
}
