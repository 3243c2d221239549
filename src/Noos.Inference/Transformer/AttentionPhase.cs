using System.Runtime.InteropServices;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;

namespace Noos.Inference.Transformer;

/// <summary>
/// Attention of a batch: neighbouring tokens of a sequence are computed together. Where that gives too few units of work for the team,
/// as for a single token after a long text, units are split by ranges of positions and merged afterwards, to the same bits.
/// </summary>
sealed unsafe class AttentionPhase : IDisposable
{
    // With fewer units than this for each member, the last ones would leave members waiting.
    const int UnitsPerMember = 4;
    // More would be memory that the splitting does not repay.
    const int MostParts = 1 << 16;

    readonly DecoderConfig _config;
    readonly KeyValuePages _pages;
    readonly AttentionKernel _kernel;
    readonly ThreadTeam _team;
    readonly WorkTickets _tickets;
    readonly AttentionScratch[] _scratch;
    readonly List<TokenRun> _runs = [];
    readonly int _headsPerKey;
    readonly int _padded;
    bool _isSplit;
    PartialSoftmax* _parts;
    float* _sums;
    int _capacity;

    public AttentionPhase(DecoderConfig config, KeyValuePages pages, AttentionKernel kernel, ThreadTeam team, WorkTickets tickets)
    {
        _config = config;
        _pages = pages;
        _kernel = kernel;
        _team = team;
        _tickets = tickets;
        _scratch = [.. Enumerable.Range(0, team.Size).Select(_ => new AttentionScratch(config.HeadLength))];
        _headsPerKey = config.HeadCount / config.KeyValueHeadCount;
        _padded = KeyValuePages.PaddedLength(config.HeadLength);
    }

    /// <summary>Finds the units of work of a batch; of an empty one to forget the last.</summary>
    public void Plan(ReadOnlySpan<BatchToken> batch)
    {
        _runs.Clear();
        var parts = 0L;
        var most = Math.Max(1, AttentionTile.MostQueries / _headsPerKey);
        var longest = 0;
        for (var first = 0; first < batch.Length;)
        {
            var count = 1;
            while (count < most && first + count < batch.Length
                && batch[first + count].Cache == batch[first].Cache && batch[first + count].Position == batch[first].Position + count)
            {
                count++;
            }

            var ranges = ((batch[first].Position + count - 1) / AttentionKernel.RangeLength) + 1;
            _runs.Add(new TokenRun(first, count, batch[first].Position, batch[first].Cache, ranges, parts));
            parts += (long)count * _config.HeadCount * ranges;
            longest = Math.Max(longest, ranges);
            first += count;
        }

        _isSplit = _team.Size > 1 && longest > 1 && parts <= MostParts && _runs.Count * _config.KeyValueHeadCount < UnitsPerMember * _team.Size;
        if (_isSplit && parts > _capacity)
        {
            Free();
            // Twice what is needed, so that growing token by token is rare.
            _capacity = 2 * (int)parts;
            _parts = (PartialSoftmax*)NativeMemory.AlignedAlloc((nuint)_capacity * (nuint)sizeof(PartialSoftmax), 64);
            _sums = (float*)NativeMemory.AlignedAlloc((nuint)_capacity * (nuint)_padded * sizeof(float), 64);
        }
    }

    /// <summary>Puts a token's key and value into its page.</summary>
    public void Store(int block, int head, in BatchToken token, float* key, float* value)
    {
        var (page, place) = Math.DivRem(token.Position, KeyValuePages.Positions);
        _kernel.Store(key, value, _config.HeadLength, token.Cache.Table[page] + _pages.HeadOffset(block, head), place);
    }

    /// <summary>A member's share. When the batch is split, all members meet at a barrier.</summary>
    public void Run(int member, int block, float* sinks, Activations queries, Activations output)
    {
        if (_isSplit)
        {
            RunParts(member, block, queries);
            _team.Barrier();
            Merge(member, block, sinks, output);
            return;
        }

        while (_tickets.TryTake(member, _runs.Count * _config.KeyValueHeadCount, out var unit))
        {
            var (index, keyHead) = Math.DivRem(unit, _config.KeyValueHeadCount);
            var run = _runs[index];
            for (var first = 0; first < _headsPerKey; first += AttentionTile.MostQueries)
            {
                var head = (keyHead * _headsPerKey) + first;
                var tile = Tile(run, block, head, queries);
                tile.Sinks = sinks is null ? null : sinks + head;
                _kernel.Execute(tile, output.Row(run.First) + (head * _config.HeadLength), _scratch[member]);
            }
        }
    }

    public void Dispose()
    {
        Array.ForEach(_scratch, scratch => scratch.Dispose());
        Free();
    }

    void RunParts(int member, int block, Activations queries)
    {
        var scratch = _scratch[member];
        var unit = 0;
        foreach (var run in _runs)
        {
            var (begin, end) = AttentionKernel.Ranges(Tile(run, block, 0, queries));
            // Heads inside: ranges differ in length, heads do not.
            for (var range = begin; range < end; range++)
            {
                for (var head = 0; head < _config.HeadCount; head += Math.Min(AttentionTile.MostQueries, _headsPerKey - (head % _headsPerKey)), unit++)
                {
                    if (unit % _team.Size == member)
                    {
                        var tile = Tile(run, block, head, queries);
                        _kernel.ExecutePart(tile, range, scratch);
                        Keep(run, tile, head, range, scratch);
                    }
                }
            }
        }
    }

    void Keep(in TokenRun run, in AttentionTile tile, int firstHead, int range, AttentionScratch scratch)
    {
        for (var query = 0; query < tile.Count; query++)
        {
            var (token, head) = Math.DivRem(query, tile.Heads);
            var part = Part(run, token, firstHead + head) + range;
            _parts[part] = scratch.Parts[query];
            new ReadOnlySpan<float>(scratch.PartSums + (query * scratch.Stride), _padded).CopyTo(new Span<float>(_sums + (part * _padded), _padded));
        }
    }

    void Merge(int member, int block, float* sinks, Activations output)
    {
        var sum = _scratch[member].Sums;
        var unit = 0;
        foreach (var run in _runs)
        {
            for (var token = 0; token < run.Count; token++)
            {
                var position = run.Position + token;
                var firstRange = Math.Max(0, position - _config.WindowOf(block) + 1) / AttentionKernel.RangeLength;
                for (var head = 0; head < _config.HeadCount; head++, unit++)
                {
                    if (unit % _team.Size != member)
                    {
                        continue;
                    }

                    new Span<float>(sum, _padded).Clear();
                    var total = PartialSoftmax.Begin(sinks is null ? null : sinks + head);
                    for (var range = firstRange; range <= position / AttentionKernel.RangeLength; range++)
                    {
                        var part = Part(run, token, head) + range;
                        total.Add(_parts[part], _sums + (part * _padded), sum, _padded);
                    }

                    AttentionKernel.Finish(total, sum, output.Row(run.First + token) + (head * _config.HeadLength), _config.HeadLength);
                }
            }
        }
    }

    long Part(in TokenRun run, int token, int head) => run.FirstPart + (((token * _config.HeadCount) + head) * run.Ranges);

    /// <summary>The heads from a given one on that share its key head.</summary>
    AttentionTile Tile(in TokenRun run, int block, int head, Activations queries) => new()
    {
        Queries = queries.Row(run.First) + (head * _config.HeadLength),
        Stride = queries.Stride,
        Tokens = run.Count,
        Heads = Math.Min(AttentionTile.MostQueries, _headsPerKey - (head % _headsPerKey)),
        HeadLength = _config.HeadLength,
        Scale = _config.AttentionScale,
        Position = run.Position,
        Window = _config.WindowOf(block),
        Pages = run.Cache.Table,
        HeadOffset = _pages.HeadOffset(block, head / _headsPerKey),
    };

    void Free()
    {
        NativeMemory.AlignedFree(_parts);
        NativeMemory.AlignedFree(_sums);
        _parts = null;
        _sums = null;
    }

    /// <summary>Neighbouring tokens of one sequence within a batch.</summary>
    /// <param name="First">Index of the first token.</param>
    /// <param name="Count">Number of tokens.</param>
    /// <param name="Position">Where the first one stands.</param>
    /// <param name="Cache">The sequence's keys and values.</param>
    /// <param name="Ranges">Ranges up to the last token.</param>
    /// <param name="FirstPart">Where its parts begin: [tokens, heads, ranges].</param>
    readonly record struct TokenRun(int First, int Count, int Position, KeyValueCache Cache, int Ranges, long FirstPart);
}
