using System.Numerics;

namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>Finds tokens by their bytes. Read-only, so thread-safe.</summary>
sealed class TokenLookup
{
    readonly TokenTable _tokens;
    readonly int[] _slots;      // token plus one; 0 is empty
    readonly int _longest;

    /// <param name="tokens">The vocabulary.</param>
    /// <param name="includes">Which tokens are found; of those with equal bytes it is the first.</param>
    public TokenLookup(TokenTable tokens, Func<int, bool> includes)
    {
        _tokens = tokens;
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, tokens.Count * 2))];
        for (var token = 0; token < tokens.Count; token++)
        {
            if (!includes(token))
            {
                continue;
            }

            var slot = SlotOf(tokens[token]);
            if (_slots[slot] == 0)
            {
                _slots[slot] = token + 1;
                _longest = Math.Max(_longest, tokens[token].Length);
            }
        }
    }

    /// <summary>The token of these bytes, -1 without one.</summary>
    public int Find(ReadOnlySpan<byte> bytes) => bytes.Length > _longest ? -1 : _slots[SlotOf(bytes)] - 1;

    int SlotOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        var mask = _slots.Length - 1;
        for (var slot = hash.ToHashCode() & mask; ; slot = (slot + 1) & mask)
        {
            if (_slots[slot] == 0 || _tokens[_slots[slot] - 1].SequenceEqual(bytes))
            {
                return slot;
            }
        }
    }
}
