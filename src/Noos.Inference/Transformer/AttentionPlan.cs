using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;

namespace Noos.Inference.Transformer;

/// <summary>
/// Which queries of a batch are computed together. Neighbouring tokens of a sequence are; single tokens of several sequences are, on those
/// ranges of positions whose pages they have in common (as in Hydragen, Juravsky et al., arXiv:2402.05099). Where that gives too few units
/// of work for the team, as for a single token after a long text, tokens are split by ranges, too. The parts of a token are merged
/// afterwards, to the same bits.
/// </summary>
sealed unsafe class AttentionPlan : IDisposable
{
    // With fewer units than this for each member, the last ones would leave members waiting.
    const int UnitsPerMember = 4;
    // More would be memory that the splitting does not repay.
    const int MostParts = 1 << 16;
    const int PagesPerRange = AttentionKernel.RangeLength / KeyValuePages.Positions;

    readonly int _heads;
    readonly int _keyHeads;
    readonly int _members;
    // Tokens of a tile.
    readonly int _most;
    readonly NativeBuffer<QueryToken> _places = new();
    readonly List<TileTokens> _runs = [];
    readonly List<TileTokens> _split = [];
    // Of each token of the batch where its parts begin, and how many each head has.
    readonly (long First, int Ranges)[] _partsOf;
    int[] _lastRange = [];
    int _placeCount;

    public AttentionPlan(int heads, int keyHeads, int members, int batchLength)
    {
        _heads = heads;
        _keyHeads = keyHeads;
        _members = members;
        _most = Math.Max(1, AttentionTile.MaxQueries / (heads / keyHeads));
        _partsOf = new (long First, int Ranges)[batchLength];
    }

    /// <summary>Tokens of which all ranges are computed at once.</summary>
    public List<TileTokens> Whole { get; } = [];

    /// <summary>Tokens of which one range is computed.</summary>
    public List<(TileTokens Tokens, int Range)> Parts { get; } = [];

    /// <summary>The tokens whose parts are to be merged.</summary>
    public List<QueryToken> Merged { get; } = [];

    /// <summary>Parts of all tokens and heads.</summary>
    public long PartCount { get; private set; }

    /// <summary>Of tokens in a tile where they stand.</summary>
    public QueryToken* PlacesOf(in TileTokens tokens) => _places.Start + tokens.First;

    /// <summary>The number of a part: [tokens, heads, ranges].</summary>
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
            while (count < _most && first + count < batch.Length
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

        if (parts > MostParts)
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
            if (other.First != run.First && run.Count + other.Count <= _most && Share(run, other, range: 0))
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
            if (_lastRange[index] == range || joined.Count + run.Count > _most || !Share(_split[leader], run, range))
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

/// <summary>Tokens that are computed together.</summary>
/// <param name="First">Where the first one stands among the places of the plan; as long as they are neighbours, its row in the batch.</param>
/// <param name="Count">Number of tokens.</param>
/// <param name="FirstPosition">The smallest position.</param>
/// <param name="LastPosition">The largest position.</param>
/// <param name="Cache">Their keys and values; those of one of them, where they have in common what is looked at.</param>
readonly record struct TileTokens(int First, int Count, int FirstPosition, int LastPosition, KeyValueCache Cache);
