namespace Noos.Inference;

/// <summary>What keys and values take, to the page.</summary>
/// <param name="Type">How they are kept.</param>
/// <param name="PageBytes">Bytes of a page of 32 positions.</param>
/// <param name="Pages">Pages in use: those of the conversations, each shared page once, and those kept.</param>
/// <param name="KeptPages">Pages that no conversation holds, kept for those to come.</param>
public sealed record KeyValueMemory(KeyValueType Type, long PageBytes, int Pages, int KeptPages)
{
    /// <summary>Bytes of all pages in use.</summary>
    public long Bytes => PageBytes * Pages;
}
