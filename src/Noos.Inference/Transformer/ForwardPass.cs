using Noos.Inference.Architectures;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;
using Noos.Inference.Threading;
using Noos.Inference.Weights;

namespace Noos.Inference.Transformer;

/// <summary>
/// The decoder's forward pass for a batch of tokens of any sequences: every worker of the team runs <see cref="Run"/>, takes its share of
/// each phase, and meets the others at a barrier where the next phase reads what another worker wrote. Whatever is computed for one
/// token and one output is computed by one thread in one order, so neither batches nor threads change a bit of the logits. Used by one
/// caller at a time. Memory that depends on the batch is reserved before the workers start, so that nothing can fail between barriers.
/// </summary>
sealed unsafe class ForwardPass : IDisposable
{
    // From so many tokens on one panel is work enough for a ticket of its own.
    const int TokensPerTicket = 16;

    readonly DecoderConfig _config;
    readonly DecoderWeights _weights;
    readonly ThreadTeam _team;
    readonly Action<int> _run;
    readonly RotaryTable _rotary;
    readonly RotaryTable _localRotary;
    readonly ExpertRouting _routing;
    readonly WorkTickets _tickets;

    readonly Activations _residual;
    readonly Activations _normed;
    readonly Activations _queries;
    readonly Activations _keys;
    readonly Activations _values;
    readonly Activations _attended;
    readonly Activations _projected;
    readonly Activations _gate;
    readonly Activations _up;
    readonly PanelScratch[] _scratch;
    readonly AttentionPhase _attention;
    readonly AdapterPhase _adapters;
    readonly int _logitStride;
    readonly NativeBuffer<float> _logits = new();
    readonly NativeBuffer<float> _states = new();

    readonly BatchToken[] _batch;
    // Per token of the batch the row of its output among the logits or the states.
    readonly int[] _places;
    readonly bool[] _isState;
    readonly int[] _wanted;
    readonly int[] _wantedStates;
    int _count;
    int _wantedCount;
    int _stateCount;

    public ForwardPass(
        DecoderConfig config, DecoderWeights weights, KeyValuePages pages, AttentionKernel attention, ThreadTeam team, int batchLength)
    {
        _config = config;
        _weights = weights;
        _team = team;
        _run = Run;
        _batch = new BatchToken[batchLength];
        _places = new int[batchLength];
        _isState = new bool[batchLength];
        _wanted = new int[batchLength];
        _wantedStates = new int[batchLength];
        _rotary = new RotaryTable(config.Rotary, weights, batchLength);
        _localRotary = config.LocalRotary is { } local ? new RotaryTable(local, weights: null, batchLength) : _rotary;
        _residual = new Activations(batchLength, config.EmbeddingLength);
        _normed = new Activations(batchLength, config.EmbeddingLength);
        _queries = new Activations(batchLength, config.QueryLength);
        _keys = new Activations(batchLength, config.KeyValueLength);
        _values = new Activations(batchLength, config.KeyValueLength);
        _attended = new Activations(batchLength, config.QueryLength);
        _projected = new Activations(batchLength, config.EmbeddingLength);
        _gate = new Activations(batchLength, config.FeedForwardLength);
        _up = new Activations(batchLength, config.FeedForwardLength);
        _routing = new ExpertRouting(config, batchLength);
        _tickets = new WorkTickets(team.Size);
        _logitStride = weights.Output.PanelCount * Panel.Rows;
        _scratch = new PanelScratch[team.Size];
        _adapters = new AdapterPhase(team.Size);
        for (var member = 0; member < team.Size; member++)
        {
            _scratch[member] = new PanelScratch();
        }

        _attention = new AttentionPhase(config, pages, attention, team, _tickets, batchLength);
    }

    /// <summary>Max tokens per batch.</summary>
    public int BatchLength => _batch.Length;

    /// <summary>After a pass: the logits or hidden state of the index-th token of the batch; valid until the next pass.</summary>
    public ReadOnlySpan<float> OutputOf(int index) => _isState[index]
        ? new(_states.Start + ((long)_places[index] * _config.EmbeddingLength), _config.EmbeddingLength)
        : new(_logits.Start + ((long)_places[index] * _logitStride), _config.VocabularySize);

    /// <summary>Runs a batch. Tokens of one sequence must stand together, in the order of their positions.</summary>
    public void Execute(ReadOnlySpan<BatchToken> batch)
    {
        batch.CopyTo(_batch);
        _count = batch.Length;
        _wantedCount = 0;
        _stateCount = 0;
        for (var i = 0; i < _count; i++)
        {
            _isState[i] = batch[i].Output == TokenOutput.HiddenState;
            if (batch[i].Output == TokenOutput.Logits)
            {
                _places[i] = _wantedCount;
                _wanted[_wantedCount++] = i;
            }
            else if (_isState[i])
            {
                _places[i] = _stateCount;
                _wantedStates[_stateCount++] = i;
            }
        }

        _attention.Plan(batch);
        _logits.Reserve((long)_wantedCount * _logitStride);
        _states.Reserve((long)_stateCount * _config.EmbeddingLength);
        _adapters.Plan(batch, _wanted.AsSpan(0, _wantedCount));
        _tickets.Reset();
        _team.Run(_run);
        // Lets go of the sequences' caches.
        Array.Clear(_batch, 0, _count);
        _attention.Plan([]);
    }

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Activations>)[_residual, _normed, _queries, _keys, _values, _attended, _projected, _gate, _up])
        {
            buffer.Dispose();
        }

        _rotary.Dispose();
        if (_localRotary != _rotary)
        {
            _localRotary.Dispose();
        }

        _routing.Dispose();
        _attention.Dispose();
        _adapters.Dispose();
        Array.ForEach(_scratch, scratch => scratch.Dispose());
        _logits.Dispose();
        _states.Dispose();
    }

    void Run(int member)
    {
        for (var token = member; token < _count; token += _team.Size)
        {
            var row = _residual.Row(token);
            _weights.TokenEmbedding.CopyRow(_batch[token].Token, row);
            VectorMath.Scale(row, _config.EmbeddingScale, _config.EmbeddingLength);
            _rotary.Prepare(token, _batch[token]);
            if (_localRotary != _rotary)
            {
                _localRotary.Prepare(token, _batch[token]);
            }
        }

        for (var block = 0; block < _weights.Blocks.Length; block++)
        {
            var weights = _weights.Blocks[block];
            Attend(member, block, weights);
            if (weights.Router is null)
            {
                FeedForward(member, weights);
            }
            else
            {
                Route(member, weights, weights.Router);
            }
        }

        if (_wantedCount + _stateCount > 0)
        {
            Score(member);
        }
    }

    void Attend(int member, int block, BlockWeights weights)
    {
        Normalize(member, weights.AttentionNorm, weights.Query.QuantizesActivations
            || weights.Key.QuantizesActivations
            || weights.Value.QuantizesActivations);
        Multiply(member, weights.Query, _normed, _queries);
        Multiply(member, weights.Key, _normed, _keys);
        Multiply(member, weights.Value, _normed, _values);
        PlaceHeads(member, block, weights);
        _attention.Run(member, block, weights.Sinks, _queries, _attended);
        Project(member, weights.AttentionOutput, _attended, weights.AttentionOutputBias, weights.PostAttentionNorm);
    }

    void FeedForward(int member, BlockWeights weights)
    {
        var layer = weights.FeedForward[0];
        Normalize(member, weights.FeedForwardNorm, layer.Gate.QuantizesActivations || layer.Up.QuantizesActivations);
        Multiply(member, layer, _normed, _count, _adapters.Runs);
        Project(member, layer.Down, _gate, layer.DownBias, weights.PostFeedForwardNorm);
    }

    /// <summary>Adds a product to the residual stream, through a post-norm where the family has one (Gemma).</summary>
    void Project(int member, WeightMatrix matrix, Activations input, float* bias, float* norm)
    {
        Quantize(member, matrix, input, _count);
        if (norm is null)
        {
            Multiply(member, matrix, input, _residual, bias, accumulate: true);
            return;
        }

        Multiply(member, matrix, input, _projected, bias);
        var rows = BeginRows(member, _count);
        for (var token = rows.First; token < _count; token += rows.Step)
        {
            var row = _projected.Row(token);
            RmsNorm.Execute(row, norm, row, _config.EmbeddingLength, _config.NormEpsilon);
            VectorMath.Add(row, _residual.Row(token), _config.EmbeddingLength);
        }

        EndRows(rows);
    }

    /// <summary>
    /// Mixture of experts: one expert after another, each for the tokens routed to it; so a token's sum has a fixed order.
    /// </summary>
    void Route(int member, BlockWeights weights, WeightMatrix router)
    {
        // Experts gather quantized rows, whatever format the router has.
        Normalize(member, weights.FeedForwardNorm, quantize: true);
        Multiply(member, router, _normed, _routing.Scores, weights.RouterBias);
        if (_team.EnterSerial())
        {
            _routing.Choose(_count);
            _team.LeaveSerial();
        }

        for (var expert = 0; expert < weights.FeedForward.Length; expert++)
        {
            var tokens = _routing.TokensOf(expert);
            if (tokens.IsEmpty)
            {
                continue;
            }

            var layer = weights.FeedForward[expert];
            var rows = BeginRows(member, tokens.Length);
            for (var i = rows.First; i < tokens.Length; i += rows.Step)
            {
                _routing.Input.CopyRow(_normed, tokens[i].Token, i);
            }

            EndRows(rows);
            Multiply(member, layer, _routing.Input, tokens.Length, _adapters.RunsOf(member, tokens));
            Quantize(member, layer.Down, _gate, tokens.Length);
            while (Take(member, layer.Down, tokens.Length, out var share))
            {
                Multiply(member, layer.Down, share, _gate, _projected, tokens.Length, layer.DownBias, _adapters.RunsOf(member, tokens));
                var (begin, end) = share.RowsOf(layer.Down);
                for (var i = 0; i < tokens.Length; i++)
                {
                    VectorMath.AddScaled(_projected.Row(i) + begin, tokens[i].Share, _residual.Row(tokens[i].Token) + begin, end - begin);
                }
            }
        }
    }

    /// <summary>Output norm, then logits or hidden states of the tokens that want them.</summary>
    void Score(int member)
    {
        var rows = BeginRows(member, _stateCount + _wantedCount);
        for (var i = rows.First; i < _stateCount + _wantedCount; i += rows.Step)
        {
            if (i < _stateCount)
            {
                var state = _states.Start + ((long)i * _config.EmbeddingLength);
                RmsNorm.Execute(_residual.Row(_wantedStates[i]), _weights.OutputNorm, state, _config.EmbeddingLength, _config.NormEpsilon);
                continue;
            }

            var wanted = i - _stateCount;
            RmsNorm.Execute(
                _residual.Row(_wanted[wanted]), _weights.OutputNorm, _normed.Row(wanted), _config.EmbeddingLength, _config.NormEpsilon);
            if (_weights.Output.QuantizesActivations)
            {
                _normed.Quantize(wanted);
            }
        }

        EndRows(rows);
        while (Take(member, _weights.Output, _wantedCount, out var share))
        {
            _weights.Output.Multiply(
                share.Begin, share.End, _normed.View, _wantedCount, _logits.Start, _logitStride, accumulate: false, _scratch[member]);
            _adapters.Apply(member, _weights.Output, share.Begin, share.End, _adapters.ScoredRuns, _normed, _logits.Start, _logitStride,
                _scratch[member]);
        }
    }

    void Normalize(int member, float* norm, bool quantize)
    {
        var rows = BeginRows(member, _count);
        for (var token = rows.First; token < _count; token += rows.Step)
        {
            RmsNorm.Execute(_residual.Row(token), norm, _normed.Row(token), _config.EmbeddingLength, _config.NormEpsilon);
            if (quantize)
            {
                _normed.Quantize(token);
            }
        }

        EndRows(rows);
    }

    void Quantize(int member, WeightMatrix consumer, Activations activations, int count)
    {
        if (!consumer.QuantizesActivations)
        {
            _team.Barrier();
            return;
        }

        var rows = BeginRows(member, count);
        for (var token = rows.First; token < count; token += rows.Step)
        {
            activations.Quantize(token);
        }

        EndRows(rows);
    }

    /// <summary>
    /// Waits until all have finished the phase before, and gives a worker its share of the rows. A single row goes to the worker that
    /// arrives last, which saves a barrier.
    /// </summary>
    RowShare BeginRows(int member, int count)
    {
        if (count > 1)
        {
            _team.Barrier();
            return new(member, _team.Size, IsSerial: false);
        }

        return new(_team.EnterSerial() ? 0 : count, 1, IsSerial: true);
    }

    /// <summary>Returns when all rows are done.</summary>
    void EndRows(RowShare rows)
    {
        if (!rows.IsSerial)
        {
            _team.Barrier();
        }
        else if (rows.First == 0)
        {
            _team.LeaveSerial();
        }
    }

    void Multiply(int member, WeightMatrix weights, Activations input, Activations output, float* bias = null, bool accumulate = false)
    {
        while (Take(member, weights, _count, out var share))
        {
            Multiply(member, weights, share, input, output, _count, bias, _adapters.Runs, accumulate);
        }
    }

    /// <summary>Gate, up and activation of a feed-forward layer, fused per share of rows while they are in the cache.</summary>
    void Multiply(int member, FeedForwardWeights layer, Activations input, int count, List<AdaptedRun> runs)
    {
        while (Take(member, layer.Gate, count, out var share))
        {
            Multiply(member, layer.Gate, share, input, _gate, count, layer.GateBias, runs);
            Multiply(member, layer.Up, share, input, _up, count, layer.UpBias, runs);
            var (begin, end) = share.RowsOf(layer.Gate);
            for (var token = 0; token < count; token++)
            {
                FeedForwardActivation.Execute(_config.Activation, _gate.Row(token) + begin, _up.Row(token) + begin, end - begin);
            }
        }
    }

    void Multiply(
        int member, WeightMatrix weights, PanelShare share, Activations input, Activations output, int count, float* bias,
        List<AdaptedRun> runs,
        bool accumulate = false)
    {
        weights.Multiply(share.Begin, share.End, input.View, count, output.Row(0), output.Stride, accumulate, _scratch[member]);
        _adapters.Apply(member, weights, share.Begin, share.End, runs, input, output.Row(0), output.Stride, _scratch[member]);
        if (bias is null)
        {
            return;
        }

        var (begin, end) = share.RowsOf(weights);
        for (var token = 0; token < count; token++)
        {
            VectorMath.Add(bias + begin, output.Row(token) + begin, end - begin);
        }
    }

    /// <summary>Per head: bias, norm and RoPE of queries in place and of keys; then stores keys and values into the KV cache.</summary>
    void PlaceHeads(int member, int block, BlockWeights weights)
    {
        var length = _config.HeadLength;
        var heads = _config.HeadCount + _config.KeyValueHeadCount;
        var rotary = _config.IsLocal(block) ? _localRotary : _rotary;
        // Heads in the outer order: threads then write to distant parts of a page.
        var units = _count * heads;
        var rows = BeginRows(member, _count);
        var (first, end) = rows.IsSerial
            ? (rows.First * heads, units)
            : ((int)((long)units * member / _team.Size), (int)((long)units * (member + 1) / _team.Size));
        for (var unit = first; unit < end; unit++)
        {
            var (head, token) = Math.DivRem(unit, _count);
            if (head < _config.HeadCount)
            {
                PlaceHead(_queries.Row(token) + (head * length), weights.QueryBias, head, weights.QueryNorm, rotary, token);
                continue;
            }

            head -= _config.HeadCount;
            var key = _keys.Row(token) + (head * length);
            PlaceHead(key, weights.KeyBias, head, weights.KeyNorm, rotary, token);
            var value = _values.Row(token) + (head * length);
            if (weights.ValueBias is not null)
            {
                VectorMath.Add(weights.ValueBias + (head * length), value, length);
            }

            _attention.Store(block, head, _batch[token], key, value);
        }

        EndRows(rows);
    }

    void PlaceHead(float* head, float* bias, int index, float* norm, RotaryTable rotary, int token)
    {
        var length = _config.HeadLength;
        if (bias is not null)
        {
            VectorMath.Add(bias + (index * length), head, length);
        }

        if (norm is not null)
        {
            RmsNorm.Execute(head, norm, head, length, _config.NormEpsilon);
        }

        RotaryEmbedding.Execute(head, rotary.Length / 2, rotary.Row(token));
    }

    /// <summary>
    /// The next panels for a worker that is free: one panel at a time for many tokens, else long runs (<see cref="PanelShare"/>).
    /// </summary>
    bool Take(int member, WeightMatrix matrix, int tokens, out PanelShare share)
    {
        var panels = matrix.PanelCount;
        var isMuch = tokens >= TokensPerTicket;
        var taken = _tickets.TryTake(member, isMuch ? panels : PanelShare.Count(panels, _team.Size), out var unit);
        share = !taken ? default : isMuch ? new PanelShare(unit, unit + 1) : PanelShare.Get(panels, _team.Size, unit);
        return taken;
    }

    /// <summary>Every Step-th row from First on.</summary>
    readonly record struct RowShare(int First, int Step, bool IsSerial);
}
