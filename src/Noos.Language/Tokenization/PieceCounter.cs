using System.Runtime.InteropServices;
using Noos.Language.Tokenization.Splitting;

namespace Noos.Language.Tokenization;

/// <summary>Counts distinct byte strings without an allocation for each: their bytes lie one after another in one buffer.</summary>
sealed class PieceCounter
{
    readonly List<byte> _bytes = [];
    readonly List<Piece> _pieces = [];
    int[] _slots = new int[1 << 12];    // index into _pieces plus one; 0 is empty

    public int Count => _pieces.Count;

    public ReadOnlySpan<byte> BytesAt(int index) => CollectionsMarshal.AsSpan(_bytes).Slice(_pieces[index].Start, _pieces[index].Length);

    public long CountAt(int index) => _pieces[index].Count;

    /// <summary>Counts every piece of a text.</summary>
    public void AddText(ReadOnlySpan<byte> text)
    {
        for (var position = 0; position < text.Length;)
        {
            var end = Qwen2PreTokenizer.End(text, position);
            Add(text[position..end], 1);
            position = end;
        }
    }

    public void AddAll(PieceCounter other)
    {
        for (var index = 0; index < other.Count; index++)
        {
            Add(other.BytesAt(index), other.CountAt(index));
        }
    }

    void Add(ReadOnlySpan<byte> bytes, long count)
    {
        var hash = HashOf(bytes);
        var mask = _slots.Length - 1;
        var pieces = CollectionsMarshal.AsSpan(_pieces);
        var slot = hash & mask;
        while (_slots[slot] != 0)
        {
            ref var piece = ref pieces[_slots[slot] - 1];
            if (piece.Hash == hash && BytesAt(_slots[slot] - 1).SequenceEqual(bytes))
            {
                piece.Count += count;
                return;
            }

            slot = (slot + 1) & mask;
        }

        _pieces.Add(new Piece(_bytes.Count, bytes.Length, hash, count));
        _bytes.AddRange(bytes);
        _slots[slot] = _pieces.Count;
        if (_pieces.Count * 2 > _slots.Length)
        {
            Grow();
        }
    }

    void Grow()
    {
        _slots = new int[_slots.Length * 2];
        var mask = _slots.Length - 1;
        for (var index = 0; index < _pieces.Count; index++)
        {
            var slot = _pieces[index].Hash & mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = index + 1;
        }
    }

    static int HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    record struct Piece(int Start, int Length, int Hash, long Count);
}
