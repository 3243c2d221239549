using System.Runtime.InteropServices;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Language.Models;

namespace Noos.Inference.Transformer;

/// <summary>
/// The decoder, for a chunk of tokens at a time: every thread of the team runs <see cref="Run"/>, takes its share of each phase, and
/// meets the others at a barrier where the next phase reads what another thread wrote. Whatever is computed for one token and one
/// output is computed by one thread in one order, so neither chunks nor threads change a bit of the logits.
/// </summary>
sealed unsafe class ForwardPass : IDisposable
{
    const int CacheLineFloats = 16;

    readonly TransformerConfig _config;
    readonly TransformerWeights _weights;
    readonly ThreadTeam _team;
    readonly KeyValueCache _cache;
    readonly Action<int> _run;
    readonly double[] _frequencies;
    readonly int[] _tokens;
    readonly int _scoreStride;

    readonly Activations _residual;
    readonly Activations _normed;
    readonly Activations _queries;
    readonly Activations _keys;
    readonly Activations _values;
    readonly Activations _attended;
    readonly Activations _gate;
    readonly Activations _up;
    readonly Activations _turns;
    readonly PanelScratch[] _scratch;
    float* _scores;
    float* _logits;

    int _count;
    int _position;
    bool _wantsLogits;

    public ForwardPass(TransformerConfig config, TransformerWeights weights, ThreadTeam team, int capacity, int chunkLength)
    {
        _config = config;
        _weights = weights;
        _team = team;
        _run = Run;
        _tokens = new int[chunkLength];
        _frequencies = RotaryEmbedding.Frequencies(config.HeadLength, config.RopeFrequencyBase);
        _scoreStride = (capacity + CacheLineFloats - 1) / CacheLineFloats * CacheLineFloats;
        _cache = new KeyValueCache(config, capacity);
        _residual = new Activations(chunkLength, config.EmbeddingLength);
        _normed = new Activations(chunkLength, config.EmbeddingLength);
        _queries = new Activations(chunkLength, config.QueryLength);
        _keys = new Activations(chunkLength, config.KeyValueLength);
        _values = new Activations(chunkLength, config.KeyValueLength);
        _attended = new Activations(chunkLength, config.QueryLength);
        _gate = new Activations(chunkLength, config.FeedForwardLength);
        _up = new Activations(chunkLength, config.FeedForwardLength);
        _turns = new Activations(chunkLength, config.HeadLength);
        _scores = (float*)NativeMemory.AlignedAlloc((nuint)_scoreStride * (nuint)team.Size * sizeof(float), 64);
        _logits = (float*)NativeMemory.AlignedAlloc((nuint)(weights.Output.PanelCount * Panel.Rows) * sizeof(float), 64);
        _scratch = new PanelScratch[team.Size];
        for (var member = 0; member < _scratch.Length; member++)
        {
            _scratch[member] = new PanelScratch();
        }
    }

    /// <summary>After a pass that wanted them: the scores of every next token, valid until the next pass.</summary>
    public ReadOnlySpan<float> Logits => new(_logits, _config.VocabularySize);

    /// <summary>Runs at most one chunk of tokens, the first of which stands at <paramref name="position"/>.</summary>
    public void Execute(ReadOnlySpan<int> tokens, int position, bool wantsLogits)
    {
        tokens.CopyTo(_tokens);
        _count = tokens.Length;
        _position = position;
        _wantsLogits = wantsLogits;
        _team.Run(_run);
    }

    public void Dispose()
    {
        _cache.Dispose();
        foreach (var buffer in (ReadOnlySpan<Activations>)[_residual, _normed, _queries, _keys, _values, _attended, _gate, _up, _turns])
        {
            buffer.Dispose();
        }

        Array.ForEach(_scratch, scratch => scratch.Dispose());
        NativeMemory.AlignedFree(_scores);
        NativeMemory.AlignedFree(_logits);
        _scores = null;
        _logits = null;
    }

    void Run(int member)
    {
        for (var token = member; token < _count; token += _team.Size)
        {
            _weights.TokenEmbedding.CopyRow(_tokens[token], _residual.Row(token));
            RotaryEmbedding.Turn(_position + token, _frequencies, _turns.Row(token));
        }

        for (var block = 0; block < _weights.Blocks.Length; block++)
        {
            var weights = _weights.Blocks[block];
            Attend(member, block, weights);
            FeedForward(member, weights);
        }

        if (_wantsLogits)
        {
            Score(member);
        }
    }

    void Attend(int member, int block, BlockWeights weights)
    {
        Normalize(member, weights.AttentionNorm, weights.Query.QuantizesActivations || weights.Key.QuantizesActivations || weights.Value.QuantizesActivations);
        _team.Barrier();
        Multiply(member, weights.Query, _normed, _queries);
        Multiply(member, weights.Key, _normed, _keys);
        Multiply(member, weights.Value, _normed, _values);
        _team.Barrier();
        PlaceHeads(member, block, weights);
        _team.Barrier();
        AttendHeads(member, block);
        _team.Barrier();
        Quantize(member, weights.AttentionOutput, _attended);
        Multiply(member, weights.AttentionOutput, _attended, _residual, accumulate: true);
        _team.Barrier();
    }

    void FeedForward(int member, BlockWeights weights)
    {
        Normalize(member, weights.FeedForwardNorm, weights.Gate.QuantizesActivations || weights.Up.QuantizesActivations);
        _team.Barrier();
        Multiply(member, weights.Gate, _normed, _gate);
        Multiply(member, weights.Up, _normed, _up);
        var (begin, end) = Rows(member, weights.Gate);
        for (var token = 0; token < _count; token++)
        {
            SwiGlu.Execute(_gate.Row(token) + begin, _up.Row(token) + begin, end - begin);
        }

        _team.Barrier();
        Quantize(member, weights.Down, _gate);
        Multiply(member, weights.Down, _gate, _residual, accumulate: true);
        _team.Barrier();
    }

    /// <summary>The logits after the last token of the chunk.</summary>
    void Score(int member)
    {
        if (member == 0)
        {
            RmsNorm.Execute(_residual.Row(_count - 1), _weights.OutputNorm, _normed.Row(0), _config.EmbeddingLength, _config.NormEpsilon);
            if (_weights.Output.QuantizesActivations)
            {
                _normed.Quantize(0);
            }
        }

        _team.Barrier();
        var (begin, end) = Panels(member, _weights.Output);
        _weights.Output.Multiply(begin, end, _normed.View, 1, _logits, 0, accumulate: false, _scratch[member]);
    }

    void Normalize(int member, float* norm, bool quantize)
    {
        for (var token = member; token < _count; token += _team.Size)
        {
            RmsNorm.Execute(_residual.Row(token), norm, _normed.Row(token), _config.EmbeddingLength, _config.NormEpsilon);
            if (quantize)
            {
                _normed.Quantize(token);
            }
        }
    }

    void Quantize(int member, WeightMatrix consumer, Activations activations)
    {
        if (!consumer.QuantizesActivations)
        {
            return;
        }

        for (var token = member; token < _count; token += _team.Size)
        {
            activations.Quantize(token);
        }

        _team.Barrier();
    }

    void Multiply(int member, WeightMatrix weights, Activations input, Activations output, bool accumulate = false)
    {
        var (begin, end) = Panels(member, weights);
        weights.Multiply(begin, end, input.View, _count, output.Row(0), output.Stride, accumulate, _scratch[member]);
    }

    /// <summary>Norms and turns queries in place; norms and turns keys, and puts keys and values into the cache.</summary>
    void PlaceHeads(int member, int block, BlockWeights weights)
    {
        var length = _config.HeadLength;
        var heads = _config.HeadCount + _config.KeyValueHeadCount;
        for (var unit = member; unit < _count * heads; unit += _team.Size)
        {
            var (token, head) = Math.DivRem(unit, heads);
            if (head < _config.HeadCount)
            {
                var query = _queries.Row(token) + (head * length);
                RmsNorm.Execute(query, weights.QueryNorm, query, length, _config.NormEpsilon);
                RotaryEmbedding.Execute(query, length / 2, _turns.Row(token));
                continue;
            }

            head -= _config.HeadCount;
            var place = (long)(_position + token) * length;
            var key = _cache.Keys(block, head) + place;
            RmsNorm.Execute(_keys.Row(token) + (head * length), weights.KeyNorm, key, length, _config.NormEpsilon);
            RotaryEmbedding.Execute(key, length / 2, _turns.Row(token));
            new ReadOnlySpan<float>(_values.Row(token) + (head * length), length).CopyTo(new Span<float>(_cache.Values(block, head) + place, length));
        }
    }

    void AttendHeads(int member, int block)
    {
        var length = _config.HeadLength;
        var queriesPerKey = _config.HeadCount / _config.KeyValueHeadCount;
        for (var unit = member; unit < _count * _config.HeadCount; unit += _team.Size)
        {
            var (token, head) = Math.DivRem(unit, _config.HeadCount);
            Attention.Execute(
                _queries.Row(token) + (head * length),
                _cache.Keys(block, head / queriesPerKey),
                _cache.Values(block, head / queriesPerKey),
                _position + token + 1,
                length,
                _scores + ((long)member * _scoreStride),
                _attended.Row(token) + (head * length));
        }
    }

    /// <summary>A member's share of a matrix.</summary>
    (int Begin, int End) Panels(int member, WeightMatrix matrix) => (
        (int)((long)matrix.PanelCount * member / _team.Size),
        (int)((long)matrix.PanelCount * (member + 1) / _team.Size));

    (int Begin, int End) Rows(int member, WeightMatrix matrix)
    {
        var (begin, end) = Panels(member, matrix);
        return (begin * Panel.Rows, Math.Min(end * Panel.Rows, matrix.Rows));
    }
}
