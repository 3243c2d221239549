namespace Noos.Inference.KeyValues;

/// <summary>Memory use of the KV cache at one moment.</summary>
/// <param name="Type">How keys and values are stored.</param>
/// <param name="PageBytes">Bytes of memory per page of 32 positions, padding included.</param>
/// <param name="Pages">Pages in use: those of contexts, each shared page once, and those kept.</param>
/// <param name="KeptPages">Pages that no context holds, kept for prefix reuse.</param>
public sealed record KeyValueMemory(KeyValueType Type, long PageBytes, int Pages, int KeptPages)
{
    /// <summary>Token positions per page.</summary>
    public const int PagePositions = KeyValuePages.Positions;

    /// <summary>Bytes of all pages in use.</summary>
    public long Bytes => PageBytes * Pages;

    /// <summary>
    /// The allowance: beyond it nothing is kept. Only contexts at work may hold more (<see cref="InferenceOptions.PrefixMemory"/>).
    /// </summary>
    public long MaxBytes { get; init; }

    /// <summary>Tokens whose keys and values are held; pages that a context still fills count as full.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens of these that no context holds.</summary>
    public long KeptTokens { get; init; }
}
