using Noos.Core;
using Noos.Corpus.Shards;

namespace Noos.Corpus.Rows;

/// <summary>
/// The rows of a pretraining run, each a pure function of shards, weights, row length, seed and row number: to resume a run, remember
/// the number of the next row. Thread-safe.
/// </summary>
public sealed class RowSource
{
    readonly Part[] _parts;
    readonly ulong _seed;
    readonly int _separator;

    /// <param name="shards">Shards of one vocabulary, each with how many times an epoch passes through it; 0.5 takes every second row
    /// in the first epoch and the others in the second.</param>
    /// <param name="rowLength">Tokens of a row: the context length of the model plus one, as every token but the first is a target.</param>
    /// <param name="seed">Decides the order of rows.</param>
    /// <param name="separator">The token between documents, which also fills the few ends of rows that nothing fits.</param>
    /// <exception cref="NoosException">No tokens, shards of different vocabularies, or a weight that is not positive.</exception>
    public RowSource(IReadOnlyList<(ShardFile Shard, double Weight)> shards, int rowLength, ulong seed, int separator = 0)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 2);
        RowLength = rowLength;
        _seed = seed;
        _separator = separator;
        _parts = new Part[shards.Count];
        for (var index = 0; index < shards.Count; index++)
        {
            var (shard, weight) = shards[index];
            if (shard.Vocabulary != shards[0].Shard.Vocabulary)
            {
                throw new NoosException(
                    $"The shards '{shards[0].Shard.Path}' and '{shard.Path}' were made with different tokenizers; build them again "
                    + "with one.");
            }

            if (!double.IsFinite(weight) || weight < 0 || weight > 1_000_000)
            {
                throw new NoosException($"The weight of the shard '{shard.Path}' must be between 0 and a million passes, not {weight}.");
            }

            var rows = new PackedShard(shard, rowLength);
            var taken = (long)Math.Round(rows.RowCount * weight);
            _parts[index] = new Part(rows, RowsPerEpoch, taken, Permutation.Mix(seed, (ulong)index));
            RowsPerEpoch += taken;
            PaddedTokensPerEpoch += rows.PaddedTokens * weight;
        }

        if (RowsPerEpoch == 0)
        {
            throw new NoosException("The shards and their weights give no row to train on; add a shard or raise a weight.");
        }
    }

    /// <summary>Tokens of a row.</summary>
    public int RowLength { get; }

    /// <summary>Rows after which every shard has been passed as often as its weight says.</summary>
    public long RowsPerEpoch { get; }

    /// <summary>Documents of all shards.</summary>
    public long DocumentCount => _parts.Sum(part => part.Rows.Shard.DocumentCount);

    /// <summary>Tokens of an epoch that only fill the ends of rows, on average.</summary>
    public double PaddedTokensPerEpoch { get; }

    /// <summary>Reads a row of the run.</summary>
    /// <param name="row">From 0 on without end; a new epoch has a new order.</param>
    /// <param name="tokens">Receives <see cref="RowLength"/> tokens.</param>
    public void Read(long row, Span<int> tokens)
    {
        var (rows, shardRow) = Locate(row);
        rows.Read(shardRow, tokens[..RowLength], _separator);
    }

    /// <summary>The documents that a row has tokens of, by shard and number.</summary>
    public IEnumerable<(ShardFile Shard, long Document)> DocumentsOf(long row)
    {
        var (rows, shardRow) = Locate(row);
        return rows.DocumentsOf(shardRow).Select(document => (rows.Shard, document));
    }

    (PackedShard Rows, long Row) Locate(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var (epoch, index) = Math.DivRem(row, RowsPerEpoch);
        var drawn = new Permutation(RowsPerEpoch, Permutation.Mix(_seed, ~(ulong)epoch))[index];
        var part = _parts[PartOf(drawn)];
        // Passes of a shard run on across epochs: every row comes once before any comes again, whatever the weight.
        var (pass, position) = Math.DivRem((epoch * part.RowsPerEpoch) + drawn - part.FirstRow, part.Rows.RowCount);
        return (part.Rows, new Permutation(part.Rows.RowCount, Permutation.Mix(part.Seed, (ulong)pass))[position]);
    }

    int PartOf(long drawn)
    {
        var index = 0;
        while (drawn >= _parts[index].FirstRow + _parts[index].RowsPerEpoch)
        {
            index++;
        }

        return index;
    }

    readonly record struct Part(PackedShard Rows, long FirstRow, long RowsPerEpoch, ulong Seed);
}
