using Noos.Core;
using Noos.Core.Conversations;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Rows;

/// <summary>
/// The rows of a fine-tuning run: whole conversations packed into rows, with the loss mask. A conversation is never cut; one that is
/// longer than a row is left out and counted. Each row is a pure function of conversations, row length, seed and row number. Thread-safe.
/// </summary>
public sealed class ConversationRows
{
    readonly ushort[] _tokens;
    readonly bool[] _isTarget;
    readonly int[] _starts;     // of each conversation, and the end of the last
    readonly int[] _places;     // of each conversation among those that were given
    readonly int[][] _rows;
    readonly ulong _seed;
    readonly int _padding;

    /// <param name="conversations">Read once.</param>
    /// <param name="format">Writes them in tokens.</param>
    /// <param name="rowLength">Tokens of a row: the context length of the model plus one.</param>
    /// <param name="seed">Decides which conversations share a row, and the order of rows.</param>
    /// <exception cref="NoosException">No conversation fits into a row.</exception>
    public ConversationRows(IEnumerable<Conversation> conversations, ITrainingFormat format, int rowLength, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 2);
        if (format.Tokenizer.VocabularySize > 1 << 16)
        {
            throw new NoosException(
                $"Rows hold tokens of 16 bits, too few for a vocabulary of {format.Tokenizer.VocabularySize}; use one of at most 65,536.");
        }

        RowLength = rowLength;
        _seed = seed;
        _padding = format.Tokenizer.EndOfText;
        var tokens = new List<ushort>();
        var isTarget = new List<bool>();
        var starts = new List<int> { 0 };
        var places = new List<int>();
        var place = -1;
        var rendered = new List<int>();
        var mask = new List<bool>();
        foreach (var conversation in conversations)
        {
            place++;
            rendered.Clear();
            mask.Clear();
            format.Render(conversation, rendered, mask);
            if (rendered.Count > rowLength)
            {
                TooLong++;
                continue;
            }

            tokens.AddRange(rendered.Select(token => (ushort)token));
            isTarget.AddRange(mask);
            starts.Add(tokens.Count);
            places.Add(place);
        }

        (_tokens, _isTarget, _starts, _places) = ([.. tokens], [.. isTarget], [.. starts], [.. places]);
        TargetTokensPerEpoch = _isTarget.LongCount(target => target);
        _rows = Pack(rowLength, seed);
        if (_rows.Length == 0)
        {
            throw new NoosException(TooLong == 0
                ? "There is no conversation to learn from; check the files of the recipe."
                : $"All {TooLong} conversations are longer than a row of {rowLength} tokens; raise the context length.");
        }
    }

    /// <summary>Tokens of a row.</summary>
    public int RowLength { get; }

    public long RowsPerEpoch => _rows.Length;

    /// <summary>Conversations in an epoch, each once.</summary>
    public int ConversationCount => _starts.Length - 1;

    /// <summary>Conversations left out because they do not fit into a row.</summary>
    public int TooLong { get; }

    /// <summary>Tokens of an epoch that the model learns to say.</summary>
    public long TargetTokensPerEpoch { get; }

    /// <summary>Tokens of an epoch that only fill the ends of rows.</summary>
    public long PaddedTokensPerEpoch => (RowsPerEpoch * RowLength) - _tokens.Length;

    /// <summary>Reads a row of the run.</summary>
    /// <param name="row">From 0 on without end; a new epoch has a new order.</param>
    /// <param name="tokens">Receives <see cref="RowLength"/> tokens; <c>&lt;|endoftext|&gt;</c> fills the end.</param>
    /// <param name="isTarget">Receives for each token whether it is to be learned.</param>
    public void Read(long row, Span<int> tokens, Span<bool> isTarget)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var position = 0;
        foreach (var item in ItemsOf(row))
        {
            for (var source = _starts[item]; source < _starts[item + 1]; source++)
            {
                tokens[position] = _tokens[source];
                isTarget[position++] = _isTarget[source];
            }
        }

        tokens[position..RowLength].Fill(_padding);
        isTarget[position..RowLength].Clear();
    }

    /// <summary>The conversations of a row, by their places among those that were given.</summary>
    public IEnumerable<int> ConversationsOf(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        return ItemsOf(row).Select(item => _places[item]);
    }

    int[] ItemsOf(long row)
    {
        var (epoch, index) = Math.DivRem(row, RowsPerEpoch);
        return _rows[new Permutation(RowsPerEpoch, Permutation.Mix(_seed, (ulong)epoch))[index]];
    }

    int[][] Pack(int rowLength, ulong seed)
    {
        if (ConversationCount == 0)
        {
            return [];
        }

        // Conversations come course by course; shuffled first, so that a row mixes them.
        var order = new Permutation(ConversationCount, Permutation.Mix(seed, ulong.MaxValue));
        var items = Enumerable.Range(0, ConversationCount).Select(index => (int)order[index]).ToArray();
        var lengths = Array.ConvertAll(items, item => _starts[item + 1] - _starts[item]);
        return [.. RowPacker.Pack(lengths, rowLength).Select(row => Array.ConvertAll(row, index => items[index]))];
    }
}
