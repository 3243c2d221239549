using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// A KV page as it is stored: the index of its parent page or -1, the number of its tokens, room for 32 tokens, its bytes.
/// </summary>
/// <param name="Parent">Index of the page before among those stored; -1 for none.</param>
/// <param name="Tokens">1 to 32; fewer than 32 only at the end of a conversation.</param>
/// <param name="Page">Address of the keys and values.</param>
readonly record struct StoredPage(int Parent, ReadOnlyMemory<int> Tokens, nint Page)
{
    /// <summary>Bytes before the keys and values.</summary>
    public const int HeaderLength = (2 + KeyValuePages.Positions) * sizeof(int);
}
