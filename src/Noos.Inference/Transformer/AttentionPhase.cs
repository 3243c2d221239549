using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.KeyValues;
using Noos.Inference.Threading;
using Noos.Language.Architectures;

namespace Noos.Inference.Transformer;

/// <summary>
/// Attention of a batch, divided by <see cref="AttentionPlan"/>. <see cref="Plan"/> is called by the caller of the pass,
/// the rest by the workers.
/// </summary>
sealed unsafe class AttentionPhase : IDisposable
{
    readonly DecoderConfig _config;
    readonly KeyValuePages _pages;
    readonly AttentionKernel _kernel;
    readonly ThreadTeam _team;
    readonly AttentionPlan _plan;
    readonly AttentionScratch[] _scratch;
    readonly NativeBuffer<PartialSoftmax> _parts = new();
    readonly NativeBuffer<float> _sums = new();
    readonly int _headsPerKey;
    readonly int _padded;

    public AttentionPhase(
        DecoderConfig config, KeyValuePages pages, AttentionKernel kernel, ThreadTeam team, int batchLength)
    {
        _config = config;
        _pages = pages;
        _kernel = kernel;
        _team = team;
        _plan = new AttentionPlan(config.HeadCount, config.KeyValueHeadCount, team.Size, batchLength);
        _scratch = [.. Enumerable.Range(0, team.Size).Select(_ => new AttentionScratch(config.HeadLength))];
        _headsPerKey = config.HeadCount / config.KeyValueHeadCount;
        _padded = KeyValuePages.PaddedLength(config.HeadLength);
    }

    /// <summary>Plans a batch; an empty one lets go of the last.</summary>
    public void Plan(ReadOnlySpan<BatchToken> batch)
    {
        _plan.Make(batch);
        if (_plan.PartCount > _parts.Length)
        {
            // Twice what is needed, so that growing token by token is rare.
            _parts.Reserve(2 * _plan.PartCount);
            _sums.Reserve(2 * _plan.PartCount * _padded);
        }
    }

    /// <summary>Stores a token's key and value in its page.</summary>
    public void Store(int block, int head, in BatchToken token, float* key, float* value)
    {
        var (page, place) = Math.DivRem(token.Position, KeyValuePages.Positions);
        _kernel.Store(key, value, _config.HeadLength, token.Cache.Table[page] + _pages.HeadOffset(block, head), place);
    }

    /// <summary>A worker's share. Merging parts is a phase of its own.</summary>
    public void Run(int member, int block, float* sinks, Activations queries, Activations output)
    {
        var (whole, parts) = (_plan.Whole, _plan.Parts);
        while (_team.TryTake(member, (whole.Count + parts.Count) * _config.KeyValueHeadCount, out var unit))
        {
            var (index, keyHead) = Math.DivRem(unit, _config.KeyValueHeadCount);
            for (var first = 0; first < _headsPerKey; first += AttentionTile.MaxQueries)
            {
                var head = (keyHead * _headsPerKey) + first;
                if (index < whole.Count)
                {
                    // Single tokens stand first and the ends of prompts last: begun with the largest, the workers finish together.
                    var tile = Tile(whole[^(index + 1)], block, head, queries);
                    tile.Sinks = sinks is null ? null : sinks + head;
                    _kernel.Execute(tile, output.Row(0) + (head * _config.HeadLength), _scratch[member]);
                }
                else
                {
                    var (tokens, range) = parts[index - whole.Count];
                    RunPart(Tile(tokens, block, head, queries), head, range, _scratch[member]);
                }
            }
        }

        if (_plan.Merged.Count > 0)
        {
            _team.EndPhase(member);
            while (_team.TryTake(member, _plan.Merged.Count * _config.KeyValueHeadCount, out var unit))
            {
                var (index, keyHead) = Math.DivRem(unit, _config.KeyValueHeadCount);
                Merge(member, block, sinks, output, _plan.Merged[index], keyHead);
            }
        }
    }

    public void Dispose()
    {
        Array.ForEach(_scratch, scratch => scratch.Dispose());
        _plan.Dispose();
        _parts.Dispose();
        _sums.Dispose();
    }

    void RunPart(in AttentionTile tile, int firstHead, int range, AttentionScratch scratch)
    {
        if (range < AttentionKernel.Ranges(tile).Begin)
        {
            // The whole range lies before the sliding window of this block; Merge starts behind it, too.
            return;
        }

        _kernel.ExecutePart(tile, range, scratch);
        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            var part = _plan.PartOf(tile.QueryTokens[token].Row, firstHead + head, range);
            _parts.Start[part] = scratch.Parts[query];
            new ReadOnlySpan<float>(scratch.PartSums + (query * scratch.Stride), _padded)
                .CopyTo(new Span<float>(_sums.Start + (part * _padded), _padded));
        }
    }

    void Merge(int member, int block, float* sinks, Activations output, in QueryToken token, int keyHead)
    {
        var sum = _scratch[member].Sums;
        var (row, position) = token;
        var firstRange = Math.Max(0, position - _config.WindowOf(block) + 1) / AttentionKernel.RangeLength;
        for (var head = keyHead * _headsPerKey; head < (keyHead + 1) * _headsPerKey; head++)
        {
            new Span<float>(sum, _padded).Clear();
            var total = PartialSoftmax.Start(sinks is null ? null : sinks + head);
            for (var range = firstRange; range <= position / AttentionKernel.RangeLength; range++)
            {
                var part = _plan.PartOf(row, head, range);
                total.Merge(_parts.Start[part], _sums.Start + (part * _padded), sum, _padded);
            }

            AttentionKernel.Finish(total, sum, output.Row(row) + (head * _config.HeadLength), _config.HeadLength);
        }
    }

    /// <summary>The heads from a given one on that share its key head.</summary>
    AttentionTile Tile(in TileTokens tokens, int block, int head, Activations queries) => new()
    {
        Queries = queries.Row(0) + (head * _config.HeadLength),
        Stride = queries.Stride,
        QueryTokens = _plan.PlacesOf(tokens),
        Tokens = tokens.Count,
        Heads = Math.Min(AttentionTile.MaxQueries, _headsPerKey - (head % _headsPerKey)),
        HeadLength = _config.HeadLength,
        Scale = _config.AttentionScale,
        Softcap = _config.AttentionSoftcap,
        FirstPosition = tokens.FirstPosition,
        LastPosition = tokens.LastPosition,
        Window = _config.WindowOf(block),
        Pages = tokens.Cache.Table,
        HeadOffset = _pages.HeadOffset(block, head / _headsPerKey),
    };
}
