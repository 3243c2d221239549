using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Attention;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;
using Noos.Inference.Threading;
using Noos.Inference.Weights;
using Noos.Language.Architectures;

namespace Noos.Inference.Transformer;

/// <summary>
/// The decoder's forward pass for a batch of tokens of any sequences: every worker of the team runs <see cref="Run"/> and takes units of
/// each phase; a phase ends where the next one reads what another worker wrote. Whatever is computed for one token and one output is
/// computed by one thread in one order, so neither batches nor threads change a bit of the logits. Used by one caller at a time. Memory
/// that depends on the batch is reserved before the workers start, so that nothing can fail inside.
/// </summary>
sealed unsafe class ForwardPass : IDisposable
{
    // From so many tokens on one panel is work enough for a unit of its own.
    const int TokensPerUnit = 16;

    // Gathering, gate and up, rounding, down, and the phase that ends each.
    const int PhasesPerExpert = 8;

    // Everything else in a block.
    const int PhasesPerBlock = 24;

    // Units of rows per worker: enough for all to finish together, few enough that handing them out costs nothing.
    const int RowUnitsPerMember = 4;

    readonly DecoderConfig _config;
    readonly DecoderWeights _weights;
    readonly ThreadTeam _team;
    readonly Action<int> _run;
    readonly RotaryTable _rotary;
    readonly RotaryTable _localRotary;
    readonly ExpertRouting _routing;

    readonly Activations _residual;
    readonly Activations _normed;
    readonly Activations _queries;
    readonly Activations _keys;
    readonly Activations _values;
    readonly Activations _attended;
    readonly Activations _projected;
    readonly Activations _gate;
    readonly Activations _up;
    readonly Activations _denseGate;
    readonly Activations _denseUp;
    readonly Activations _sharedGate;
    readonly Activations _sharedUp;
    readonly Activations _mixed;
    readonly Activations _convolved;
    readonly PanelScratch[] _scratch;
    readonly AttentionPhase _attention;
    readonly ConvolutionPhase _convolution;
    readonly AdapterPhase _adapters;
    readonly int _logitStride;
    readonly int _maxPhases;
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
        // Where all blocks are of one kind, there is one width.
        _denseGate = config.DenseBlockCount > 0 ? new Activations(batchLength, config.DenseLength) : _gate;
        _denseUp = config.DenseBlockCount > 0 ? new Activations(batchLength, config.DenseLength) : _up;
        _sharedGate = new Activations(config.SharedExpertLength > 0 ? batchLength : 0, config.SharedExpertLength);
        _sharedUp = new Activations(config.SharedExpertLength > 0 ? batchLength : 0, config.SharedExpertLength);
        var convolved = config.ConvolutionLength > 0 ? batchLength : 0;
        _mixed = new Activations(convolved, 3 * config.EmbeddingLength);
        _convolved = new Activations(convolved, config.EmbeddingLength);
        _routing = new ExpertRouting(config, batchLength);
        _logitStride = weights.Output.PanelCount * Panel.Rows;
        _maxPhases = PhasesPerBlock + (PhasesPerExpert * (config.ExpertCount + 1));
        _scratch = new PanelScratch[team.Size];
        _adapters = new AdapterPhase(team.Size);
        for (var member = 0; member < team.Size; member++)
        {
            _scratch[member] = new PanelScratch();
        }

        _attention = new AttentionPhase(config, pages, attention, team, batchLength);
        _convolution = new ConvolutionPhase(config, pages, attention);
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
        _team.Run(_run);
        // Lets go of the sequences' caches.
        Array.Clear(_batch, 0, _count);
        _attention.Plan([]);
    }

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Activations>)[
            _residual, _normed, _queries, _keys, _values, _attended, _projected, _gate, _up, _sharedGate, _sharedUp, _mixed,
            _convolved])
        {
            buffer.Dispose();
        }

        if (_denseGate != _gate)
        {
            _denseGate.Dispose();
            _denseUp.Dispose();
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
        foreach (var token in Rows(member, _count))
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
            if (weights.Convolution is { } convolution)
            {
                Convolve(member, block, weights, convolution);
            }
            else
            {
                Attend(member, block, weights, weights.Attention!);
            }

            if (weights.Router is null)
            {
                FeedForward(member, weights);
            }
            else
            {
                Route(member, weights, weights.Router);
                // How many experts have work is known to those only who are in this block.
                _team.EndPhase(member, (block + 1) * _maxPhases);
            }
        }

        if (_wantedCount + _stateCount > 0)
        {
            Score(member);
        }
    }

    void Attend(int member, int block, BlockWeights weights, AttentionWeights attention)
    {
        Normalize(member, weights.AttentionNorm, attention.Query.QuantizesActivations
            || attention.Key.QuantizesActivations
            || attention.Value.QuantizesActivations);
        MultiplyHeads(member, attention);
        PlaceHeads(member, block, attention);
        _attention.Run(member, block, attention.Sinks, _queries, _attended);
        Project(member, attention.Output, _attended, attention.OutputBias, weights.PostAttentionNorm);
    }

    /// <summary>A convolution over positions in place of attention, gated before and behind (LFM 2).</summary>
    void Convolve(int member, int block, BlockWeights weights, ConvolutionWeights convolution)
    {
        var width = _config.EmbeddingLength;
        Normalize(member, weights.AttentionNorm, convolution.Input.QuantizesActivations);
        Multiply(member, convolution.Input, _normed, _mixed);
        foreach (var token in Rows(member, _count))
        {
            var input = _mixed.Row(token) + (2 * width);
            VectorMath.Multiply(_mixed.Row(token), input, width);
            _convolution.Store(block, _batch[token], input);
        }

        // Only now: tokens of a batch read what others of their sequence have stored.
        foreach (var token in Rows(member, _count))
        {
            _convolution.Execute(block, _batch[token], convolution.Taps, _mixed.Row(token) + width, _convolved.Row(token));
        }

        Project(member, convolution.Output, _convolved, bias: null, weights.PostAttentionNorm);
    }

    void FeedForward(int member, BlockWeights weights)
    {
        var layer = weights.FeedForward[0];
        Normalize(member, weights.FeedForwardNorm, layer.Gate.QuantizesActivations || layer.Up.QuantizesActivations);
        while (Take(member, layer.Gate, _count, out var share))
        {
            MultiplyGated(member, layer, share, _normed, _denseGate, _denseUp, _count, _adapters.Runs);
        }

        Project(member, layer.Down, _denseGate, layer.DownBias, weights.PostFeedForwardNorm);
    }

    /// <summary>
    /// Adds a product to the residual stream, through a post-norm (Gemma, OLMo) or with a factor (Granite) where the family has one.
    /// </summary>
    void Project(int member, WeightMatrix matrix, Activations input, float* bias, float* norm)
    {
        Quantize(member, matrix, input, _count);
        if (norm is null && _config.ResidualScale == 1)
        {
            Multiply(member, matrix, input, _residual, bias, accumulate: true);
            return;
        }

        Multiply(member, matrix, input, _projected, bias);
        foreach (var token in Rows(member, _count))
        {
            var row = _projected.Row(token);
            if (norm is not null)
            {
                RmsNorm.Execute(row, norm, row, _config.EmbeddingLength, _config.NormEpsilon);
            }

            VectorMath.AddScaled(row, _config.ResidualScale, _residual.Row(token), _config.EmbeddingLength);
        }
    }

    /// <summary>
    /// Mixture of experts: one expert after another, each for the tokens routed to it; so a token's sum has a fixed order.
    /// </summary>
    void Route(int member, BlockWeights weights, WeightMatrix router)
    {
        // Experts gather quantized rows, whatever format the router has.
        Normalize(member, weights.FeedForwardNorm, quantize: true);
        if (weights.SharedExpert is { } shared)
        {
            // Before the chosen ones: how many phases those take is not known to all.
            while (Take(member, shared.Gate, _count, out var share))
            {
                MultiplyGated(member, shared, share, _normed, _sharedGate, _sharedUp, _count, _adapters.Runs);
            }

            Project(member, shared.Down, _sharedGate, bias: null, norm: null);
            _team.EndPhase(member);
        }

        Multiply(member, router, _normed, _routing.Scores, weights.RouterBias);
        if (_team.EnterSerial(member))
        {
            _routing.Choose(_count, weights.ChoiceBias);
            _team.LeaveSerial(member);
        }

        for (var expert = 0; expert < weights.FeedForward.Length; expert++)
        {
            var count = _routing.CountOf(expert);
            if (count == 0)
            {
                continue;
            }

            foreach (var i in Rows(member, count))
            {
                _routing.Input.CopyRow(_normed, _routing.TokensOf(expert)[i].Token, i);
            }

            RunExpert(member, expert, weights.FeedForward[expert], count);
        }
    }

    void RunExpert(int member, int expert, FeedForwardWeights layer, int count)
    {
        while (Take(member, layer.Gate, count, out var share))
        {
            MultiplyGated(
                member, layer, share, _routing.Input, _gate, _up, count, _adapters.RunsOf(member, _routing.TokensOf(expert)));
        }

        Quantize(member, layer.Down, _gate, count);
        while (Take(member, layer.Down, count, out var share))
        {
            var tokens = _routing.TokensOf(expert);
            Multiply(member, layer.Down, share, _gate, _projected, count, layer.DownBias, _adapters.RunsOf(member, tokens));
            var (begin, end) = share.RowsOf(layer.Down);
            for (var i = 0; i < count; i++)
            {
                var factor = tokens[i].Share * _config.ResidualScale;
                VectorMath.AddScaled(_projected.Row(i) + begin, factor, _residual.Row(tokens[i].Token) + begin, end - begin);
            }
        }
    }

    /// <summary>Output norm, then logits or hidden states of the tokens that want them.</summary>
    void Score(int member)
    {
        foreach (var i in Rows(member, _stateCount + _wantedCount))
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

        while (Take(member, _weights.Output, _wantedCount, out var share))
        {
            _weights.Output.Multiply(
                share.Begin, share.End, _normed.View, _wantedCount, _logits.Start, _logitStride, accumulate: false, _scratch[member]);
            _adapters.Apply(member, _weights.Output, share.Begin, share.End, _adapters.ScoredRuns, _normed, _logits.Start, _logitStride,
                _scratch[member]);
            var (begin, end) = share.RowsOf(_weights.Output);
            for (var i = 0; i < _wantedCount; i++)
            {
                var logits = _logits.Start + ((long)i * _logitStride) + begin;
                VectorMath.Scale(logits, _config.LogitScale, end - begin);
                SoftCap.Execute(logits, 1, _config.LogitSoftcap, end - begin);
            }
        }
    }

    /// <summary>The input of a layer; without a norm it is the residual stream itself.</summary>
    void Normalize(int member, float* norm, bool quantize)
    {
        foreach (var token in Rows(member, _count))
        {
            if (norm is null)
            {
                new ReadOnlySpan<float>(_residual.Row(token), _config.EmbeddingLength)
                    .CopyTo(new Span<float>(_normed.Row(token), _config.EmbeddingLength));
            }
            else
            {
                RmsNorm.Execute(_residual.Row(token), norm, _normed.Row(token), _config.EmbeddingLength, _config.NormEpsilon);
            }

            if (quantize)
            {
                _normed.Quantize(token);
            }
        }
    }

    void Quantize(int member, WeightMatrix consumer, Activations activations, int count)
    {
        if (!consumer.QuantizesActivations)
        {
            _team.EndPhase(member);
            return;
        }

        foreach (var token in Rows(member, count))
        {
            activations.Quantize(token);
        }
    }

    /// <summary>
    /// Ends the phase before and hands out rows; the phase of the rows is over when the loop ends. A single row goes to the worker that
    /// finishes the phase before, which saves a wait.
    /// </summary>
    RowUnits Rows(int member, int count) => new(_team, member, count);

    /// <summary>Queries, keys and values in one phase: all read the same input.</summary>
    void MultiplyHeads(int member, AttentionWeights weights)
    {
        var (queries, keys) = (UnitsOf(weights.Query, _count), UnitsOf(weights.Key, _count));
        while (_team.TryTake(member, queries + keys + UnitsOf(weights.Value, _count), out var unit))
        {
            var (matrix, first, output) = unit < queries ? (weights.Query, 0, _queries)
                : unit < queries + keys ? (weights.Key, queries, _keys)
                : (weights.Value, queries + keys, _values);
            Multiply(member, matrix, ShareOf(matrix, _count, unit - first), _normed, output, _count, bias: null, _adapters.Runs);
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
    void MultiplyGated(
        int member, FeedForwardWeights layer, PanelShare share, Activations input, Activations gate, Activations up, int count,
        List<AdaptedRun> runs)
    {
        Multiply(member, layer.Gate, share, input, gate, count, layer.GateBias, runs);
        Multiply(member, layer.Up, share, input, up, count, layer.UpBias, runs);
        var (begin, end) = share.RowsOf(layer.Gate);
        for (var token = 0; token < count; token++)
        {
            FeedForwardActivation.Execute(_config.Activation, gate.Row(token) + begin, up.Row(token) + begin, end - begin);
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
    void PlaceHeads(int member, int block, AttentionWeights weights)
    {
        var heads = _config.HeadCount + _config.KeyValueHeadCount;
        var rotary = !_config.IsRotated(block) ? null : _config.IsLocal(block) ? _localRotary : _rotary;
        if (_config.NormsHeadsTogether)
        {
            NormalizeHeads(member, weights);
        }

        if (_count == 1)
        {
            if (_team.EnterSerial(member))
            {
                for (var head = 0; head < heads; head++)
                {
                    PlaceHead(block, weights, rotary, head, token: 0);
                }

                _team.LeaveSerial(member);
            }

            return;
        }

        // A head with all its tokens is a unit: workers then write to distant parts of a page.
        _team.EndPhase(member);
        while (_team.TryTake(member, heads, out var head))
        {
            for (var token = 0; token < _count; token++)
            {
                PlaceHead(block, weights, rotary, head, token);
            }
        }

        _team.EndPhase(member);
    }

    /// <summary>Bias and norm of all queries and of all keys of a token (OLMo 2).</summary>
    void NormalizeHeads(int member, AttentionWeights weights)
    {
        foreach (var token in Rows(member, _count))
        {
            Normalize(_queries.Row(token), weights.QueryBias, weights.QueryNorm, _config.QueryLength);
            Normalize(_keys.Row(token), weights.KeyBias, weights.KeyNorm, _config.KeyValueLength);
        }
    }

    void PlaceHead(int block, AttentionWeights weights, RotaryTable? rotary, int head, int token)
    {
        var length = _config.HeadLength;
        if (head < _config.HeadCount)
        {
            var query = _queries.Row(token) + (head * length);
            PlaceHead(query, weights.QueryBias, head, weights.QueryNorm, rotary, token);
            VectorMath.Scale(query, _config.TemperatureAt(_batch[token].Position), length);
            return;
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

    void PlaceHead(float* head, float* bias, int index, float* norm, RotaryTable? rotary, int token)
    {
        var length = _config.HeadLength;
        if (!_config.NormsHeadsTogether)
        {
            Normalize(head, bias is null ? null : bias + (index * length), _config.RotatesBeforeNorm ? null : norm, length);
        }

        if (rotary is not null)
        {
            RotaryEmbedding.Execute(head, rotary.Length / 2, rotary.Row(token));
        }

        if (_config.RotatesBeforeNorm)
        {
            Normalize(head, bias: null, norm, length);
        }
    }

    /// <summary>Bias, then norm, in place; null for none.</summary>
    void Normalize(float* values, float* bias, float* norm, int length)
    {
        if (bias is not null)
        {
            VectorMath.Add(bias, values, length);
        }

        if (norm is not null)
        {
            RmsNorm.Execute(values, norm, values, length, _config.NormEpsilon);
        }
    }

    /// <summary>
    /// The next panels for a worker that is free: one panel at a time for many tokens, else long runs (<see cref="PanelShare"/>).
    /// </summary>
    bool Take(int member, WeightMatrix matrix, int tokens, out PanelShare share)
    {
        var taken = _team.TryTake(member, UnitsOf(matrix, tokens), out var unit);
        share = taken ? ShareOf(matrix, tokens, unit) : default;
        return taken;
    }

    int UnitsOf(WeightMatrix matrix, int tokens) =>
        tokens >= TokensPerUnit ? matrix.PanelCount : PanelShare.Count(matrix.PanelCount, _team.Size);

    PanelShare ShareOf(WeightMatrix matrix, int tokens, int unit) =>
        tokens >= TokensPerUnit ? new PanelShare(unit, unit + 1) : PanelShare.Get(matrix.PanelCount, _team.Size, unit);

    /// <summary>The rows that fall to one worker, taken in runs.</summary>
    struct RowUnits
    {
        readonly ThreadTeam _team;
        readonly int _member;
        readonly int _count;
        readonly int _length;
        readonly bool _isSerial;
        int _end;

        public RowUnits(ThreadTeam team, int member, int count)
        {
            (_team, _member, _count) = (team, member, count);
            _length = Math.Max(1, count / (RowUnitsPerMember * team.Size));
            Current = -1;
            if (count == 1 && team.EnterSerial(member))
            {
                _isSerial = true;
                _end = 1;
            }
            else if (count > 1)
            {
                team.EndPhase(member);
            }
        }

        public int Current { get; private set; }

        public readonly RowUnits GetEnumerator() => this;

        public bool MoveNext()
        {
            if (++Current < _end)
            {
                return true;
            }

            if (_count > 1 && _team.TryTake(_member, (_count + _length - 1) / _length, out var unit))
            {
                Current = unit * _length;
                _end = Math.Min(Current + _length, _count);
                return true;
            }

            if (_isSerial)
            {
                _team.LeaveSerial(_member);
            }
            else if (_count > 1)
            {
                _team.EndPhase(_member);
            }

            return false;
        }
    }
}
