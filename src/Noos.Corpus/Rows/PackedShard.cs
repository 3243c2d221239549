using Noos.Corpus.Shards;

namespace Noos.Corpus.Rows;

/// <summary>
/// The rows of one shard. A document longer than a row gives full rows of its own; what remains of each document is packed with other
/// remainders, so every token is in exactly one row. Only the end of a packed row can be empty.
/// </summary>
sealed class PackedShard
{
    readonly ShardFile _shard;
    readonly int _rowLength;
    readonly long[] _fullRows;      // the first token of each full row
    readonly int[][] _packedRows;   // indices into the remainders
    readonly long[] _remainderStarts;
    readonly int[] _remainderLengths;

    public PackedShard(ShardFile shard, int rowLength)
    {
        _shard = shard;
        _rowLength = rowLength;
        var fullRows = new List<long>();
        var starts = new List<long>();
        var lengths = new List<int>();
        for (long document = 0; document < shard.DocumentCount; document++)
        {
            var start = shard.DocumentStart(document);
            var end = shard.DocumentStart(document + 1);
            for (; end - start >= rowLength; start += rowLength)
            {
                fullRows.Add(start);
            }

            if (end > start)
            {
                starts.Add(start);
                lengths.Add((int)(end - start));
            }
        }

        _fullRows = [.. fullRows];
        _remainderStarts = [.. starts];
        _remainderLengths = [.. lengths];
        _packedRows = RowPacker.Pack(_remainderLengths, rowLength);
    }

    public ShardFile Shard => _shard;

    public long RowCount => _fullRows.Length + _packedRows.Length;

    public long PaddedTokens => (RowCount * _rowLength) - _shard.TokenCount;

    public void Read(long row, Span<int> tokens, int padding)
    {
        if (row < _fullRows.Length)
        {
            Copy(_fullRows[row], _rowLength, tokens);
            return;
        }

        var position = 0;
        // A row shall begin with the beginning of a document, so continuations of cut documents come last.
        foreach (var beginning in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var item in _packedRows[row - _fullRows.Length])
            {
                if ((_shard.Tokens(_remainderStarts[item], 1)[0] == padding) == beginning)
                {
                    Copy(_remainderStarts[item], _remainderLengths[item], tokens[position..]);
                    position += _remainderLengths[item];
                }
            }
        }

        tokens[position..].Fill(padding);
    }

    /// <summary>The numbers of the documents that a row has tokens of.</summary>
    public IEnumerable<long> DocumentsOf(long row) => row < _fullRows.Length
        ? [_shard.OrdinalAt(_fullRows[row])]
        : _packedRows[row - _fullRows.Length].Select(item => _shard.OrdinalAt(_remainderStarts[item]));

    void Copy(long start, int count, Span<int> target)
    {
        var source = _shard.Tokens(start, count);
        for (var index = 0; index < count; index++)
        {
            target[index] = source[index];
        }
    }
}
