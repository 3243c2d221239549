namespace Noos.Inference.KeyValues;

/// <summary>Memory use of the KV cache at one moment.</summary>
/// <param name="Type">How keys and values are stored.</param>
/// <param name="PageBytes">Bytes per page of 32 positions.</param>
/// <param name="Pages">Pages in use: those of contexts, each shared page once, and those kept.</param>
/// <param name="KeptPages">Pages that no context holds, kept for prefix reuse.</param>
public sealed record KeyValueMemory(KeyValueType Type, long PageBytes, int Pages, int KeptPages)
{
    /// <summary>Bytes of all pages in use.</summary>
    public long Bytes => PageBytes * Pages;
}
