namespace Noos.Kernel.Cpu;

/// <summary>What a CPU on this computer keeps of what it has read, at one moment.</summary>
/// <param name="Type">How keys and values are stored: f32, f16 or q8.</param>
/// <param name="MaxBytes">The allowance; answers under way may hold more, then nothing else is kept.</param>
/// <param name="Bytes">Bytes of memory held.</param>
/// <param name="Tokens">Tokens held.</param>
/// <param name="TokensInUse">Tokens of these that belong to answers under way.</param>
public sealed record CpuCache(string Type, long MaxBytes, long Bytes, long Tokens, long TokensInUse);
