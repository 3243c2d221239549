using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;

namespace Noos.Inference.Transformer;

/// <summary>
/// Divides the attention of a batch into tiles. Neighbouring tokens of a sequence form a tile; so do single tokens of several sequences on
/// those ranges of positions whose pages they share (as in Hydragen, Juravsky et al., arXiv:2402.05099). Where that gives too few work
/// units for the team, as for a single token after a long text, tokens are split by ranges too (as in Flash-Decoding). The partial
/// softmaxes of a token are merged afterwards, to the same bits. Made by the caller of a pass, read by all workers.
/// </summary>
sealed unsafe class AttentionPlan : IDisposable
{
    // With fewer work units per worker, most would wait for the last one.
    const int UnitsPerMember = 4;
    // A limit of memory: beyond it there is work enough without splitting.
    const int MaxParts = 1 << 16;
    const int PagesPerRange = AttentionKernel.RangeLength / KeyValuePages.Positions;

    readonly int _heads;
    readonly int _keyHeads;
    readonly int _members;
    // Max tokens per tile: a tile holds all query heads of a key head for each token.
    readonly int _maxTokens;
    readonly NativeBuffer<QueryToken> _places = new();
    readonly List<TileTokens> _runs = [];
    readonly List<TileTokens> _split = [];
    // Per token of the batch the index of its first part, and its parts per head.
    readonly (long First, int Ranges)[] _partsOf;
    int[] _lastRange = [];
    int _placeCount;

    public AttentionPlan(int heads, int keyHeads, int members, int batchLength)
    {
        _heads = heads;
        _keyHeads = keyHeads;
        _members = members;
        _maxTokens = Math.Max(1, AttentionTile.MaxQueries / (heads / keyHeads));
        _partsOf = new (long First, int Ranges)[batchLength];
    }

    /// <summary>Tiles of which all ranges are computed at once.</summary>
    public List<TileTokens> Whole { get; } = [];

    /// <summary>Tiles of which one range is computed.</summary>
    public List<(TileTokens Tokens, int Range)> Parts { get; } = [];

    /// <summary>The tokens whose parts are to be merged.</summary>
    public List<QueryToken> Merged { get; } = [];

    /// <summary>Parts of all tokens and heads.</summary>
    public long PartCount { get; private set; }

    /// <summary>Rows and positions of the tokens of a tile.</summary>
    public QueryToken* PlacesOf(in TileTokens tokens) => _places.Start + tokens.First;

    /// <summary>Index of a part in [tokens, heads, ranges].</summary>
    public long PartOf(int row, int head, int range) => _partsOf[row].First + ((long)head * _partsOf[row].Ranges) + range;

    /// <summary>Plans a batch; an empty one to forget the last.</summary>
    public void Make(ReadOnlySpan<BatchToken> batch)
    {
        _runs.Clear();
        _split.Clear();
        Whole.Clear();
        Parts.Clear();
        Merged.Clear();
        PartCount = 0;
        FindRuns(batch);
        ChooseSplit();
        var places = (long)batch.Length;
        foreach (var run in _split)
        {
            places += (long)run.Count * RangesOf(run);
            AddParts(run, batch);
        }

        _places.Reserve(places);
        for (var row = 0; row < batch.Length; row++)
        {
            _places.Start[row] = new QueryToken(row, batch[row].Position);
        }

        _placeCount = batch.Length;
        Group();
    }

    public void Dispose() => _places.Dispose();

    static int RangesOf(in TileTokens run) => (run.LastPosition / AttentionKernel.RangeLength) + 1;

    /// <summary>Whether both see all of a range, and it lies in the same pages.</summary>
    static bool Share(in TileTokens one, in TileTokens other, int range)
    {
        var end = (range + 1) * AttentionKernel.RangeLength;
        if (one.FirstPosition < end || other.FirstPosition < end)
        {
            return false;
        }

        for (var page = range * PagesPerRange; page < (range + 1) * PagesPerRange; page++)
        {
            if (one.Cache.Table[page] != other.Cache.Table[page])
            {
                return false;
            }
        }

        return true;
    }

    void FindRuns(ReadOnlySpan<BatchToken> batch)
    {
        for (var first = 0; first < batch.Length;)
        {
            var count = 1;
            while (count < _maxTokens && first + count < batch.Length
                && batch[first + count].Cache == batch[first].Cache && batch[first + count].Position == batch[first].Position + count)
            {
                count++;
            }

            _runs.Add(new TileTokens(first, count, batch[first].Position, batch[first].Position + count - 1, batch[first].Cache));
            first += count;
        }
    }

    /// <summary>All runs are split where there are too few of them; else those that can be joined with others.</summary>
    void ChooseSplit()
    {
        var all = _members > 1 && _runs.Count * _keyHeads < UnitsPerMember * _members && _runs.Exists(run => RangesOf(run) > 1);
        var parts = 0L;
        foreach (var run in _runs)
        {
            if (all || IsShared(run))
            {
                _split.Add(run);
                parts += (long)run.Count * _heads * RangesOf(run);
            }
            else
            {
                Whole.Add(run);
            }
        }

        if (parts > MaxParts)
        {
            _split.Clear();
            Whole.Clear();
            Whole.AddRange(_runs);
        }
    }

    bool IsShared(in TileTokens run)
    {
        foreach (var other in _runs)
        {
            if (other.First != run.First && run.Count + other.Count <= _maxTokens && Share(run, other, range: 0))
            {
                return true;
            }
        }

        return false;
    }

    void AddParts(in TileTokens run, ReadOnlySpan<BatchToken> batch)
    {
        for (var row = run.First; row < run.First + run.Count; row++)
        {
            Merged.Add(new QueryToken(row, batch[row].Position));
            _partsOf[row] = (PartCount, RangesOf(run));
            PartCount += (long)_heads * RangesOf(run);
        }
    }

    /// <summary>Range after range, each split run with those after it that share the range's pages.</summary>
    void Group()
    {
        if (_lastRange.Length < _split.Count)
        {
            _lastRange = new int[2 * _split.Count];
        }

        Array.Fill(_lastRange, -1);
        var ranges = 0;
        foreach (var run in _split)
        {
            ranges = Math.Max(ranges, RangesOf(run));
        }

        for (var range = 0; range < ranges; range++)
        {
            for (var index = 0; index < _split.Count; index++)
            {
                if (range < RangesOf(_split[index]) && _lastRange[index] < range)
                {
                    Parts.Add((Join(index, range), range));
                }
            }
        }
    }

    TileTokens Join(int leader, int range)
    {
        var joined = _split[leader];
        for (var index = leader + 1; index < _split.Count; index++)
        {
            var run = _split[index];
            if (_lastRange[index] == range || joined.Count + run.Count > _maxTokens || !Share(_split[leader], run, range))
            {
                continue;
            }

            if (joined.Count == _split[leader].Count)
            {
                joined = joined with { First = Append(_split[leader]) };
            }

            Append(run);
            _lastRange[index] = range;
            joined = joined with
            {
                Count = joined.Count + run.Count,
                FirstPosition = Math.Min(joined.FirstPosition, run.FirstPosition),
                LastPosition = Math.Max(joined.LastPosition, run.LastPosition),
            };
        }

        return joined;
    }

    int Append(in TileTokens run)
    {
        var first = _placeCount;
        for (var token = 0; token < run.Count; token++)
        {
            _places.Start[_placeCount++] = _places.Start[run.First + token];
        }

        return first;
    }
}

/// <summary>The tokens of a tile.</summary>
/// <param name="First">Index of the first one among the places of the plan; for neighbours also its row in the batch.</param>
/// <param name="Count">Number of tokens.</param>
/// <param name="FirstPosition">The smallest position.</param>
/// <param name="LastPosition">The largest position.</param>
/// <param name="Cache">The keys and values to read; of any of the tokens, where they share the pages of the range.</param>
readonly record struct TileTokens(int First, int Count, int FirstPosition, int LastPosition, KeyValueCache Cache);
