using Noos.Inference.Encoders;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Threading;

namespace Noos.Inference.Speech;

/// <summary>
/// Whisper's encoder: a spectrogram to keys and values for the decoder. A tile of frames goes through everything between two attentions in
/// one worker's cache (output layer, feed-forward, the next block's queries, keys and values), so that a block has two phases only. One
/// window at a time; not thread-safe.
/// </summary>
sealed unsafe class AudioEncoder : IDisposable
{
    // Enough that unpacking a panel of weights is a small part of using it, few enough that hidden states stay in a second-level cache.
    const int FramesPerTile = 64;
    const int QueriesPerTile = 48;

    readonly WhisperConfig _config;
    readonly WhisperWeights _weights;
    readonly ThreadTeam _team;
    readonly Action<int> _run;
    readonly Worker[] _workers;
    readonly int _scoreStride;

    // With one frame of zeros before the first and one behind the last: the margins of the convolutions.
    readonly NativeBuffer<float> _mel = new();
    readonly NativeBuffer<float> _convolved = new();
    readonly NativeBuffer<float> _keys = new();
    readonly NativeBuffer<float> _values = new();
    readonly Activations _residual;
    readonly Activations _queries;
    readonly Activations _attended;
    AudioFeatures? _features;
    int _frames;

    public AudioEncoder(WhisperConfig config, WhisperWeights weights, ThreadTeam team)
    {
        (_config, _weights, _team, _run) = (config, weights, team, Run);
        var (frames, width) = (config.AudioContext, config.Width);
        _mel.Reserve((config.MelFrames + 2L) * config.MelCount);
        _convolved.Reserve((config.MelFrames + 2L) * width);
        _keys.Reserve(config.AudioHeadCount * HeadPanels.KeyLength(config.AudioHeadLength, frames));
        _values.Reserve((long)frames * width);
        _residual = new Activations(frames, width);
        _queries = new Activations(frames, width);
        _attended = new Activations(frames, width);
        _scoreStride = Panel.Count(frames) * Panel.Rows;
        _workers = [.. Enumerable.Range(0, team.Size).Select(_ => new Worker(config, _scoreStride))];
    }

    /// <summary>Where the spectrogram of the next window goes [2 * frames, mels].</summary>
    public float* Mel => _mel.Start + _config.MelCount;

    /// <summary>Computes what the decoder needs of the window whose spectrogram is in <see cref="Mel"/>.</summary>
    /// <param name="frames">Frames of 20 ms, at most those of the model.</param>
    /// <param name="features">Receives the result.</param>
    public void Encode(int frames, AudioFeatures features)
    {
        (_frames, _features, features.Frames) = (frames, features, frames);
        var (mels, width) = (_config.MelCount, _config.Width);
        new Span<float>(_mel.Start, mels).Clear();
        new Span<float>(Mel + (2L * frames * mels), mels).Clear();
        new Span<float>(_convolved.Start, width).Clear();
        new Span<float>(_convolved.Start + (((2L * frames) + 1) * width), width).Clear();
        for (var head = 0; head < _config.AudioHeadCount; head++)
        {
            HeadOf(head).ClearBehind(frames);
        }

        features.ClearBehind();
        _team.Run(_run);
    }

    public void Dispose()
    {
        _mel.Dispose();
        _convolved.Dispose();
        _keys.Dispose();
        _values.Dispose();
        _residual.Dispose();
        _queries.Dispose();
        _attended.Dispose();
        Array.ForEach(_workers, worker => worker.Dispose());
    }

    void Run(int member)
    {
        var worker = _workers[member];
        while (_team.TryTake(member, TileCount(2 * _frames), out var tile))
        {
            ConvolveFirst(worker, tile);
        }

        _team.EndPhase(member);
        while (_team.TryTake(member, TileCount(_frames), out var tile))
        {
            ConvolveSecond(worker, tile);
            Project(worker, tile, 0);
        }

        for (var block = 0; block < _weights.AudioBlocks.Length; block++)
        {
            _team.EndPhase(member);
            var queryTiles = (_frames + QueriesPerTile - 1) / QueriesPerTile;
            while (_team.TryTake(member, _config.AudioHeadCount * queryTiles, out var unit))
            {
                // Neighbouring units share a head, so that its keys and values stay in the cache.
                Attend(worker, unit / queryTiles, unit % queryTiles);
            }

            _team.EndPhase(member);
            while (_team.TryTake(member, TileCount(_frames), out var tile))
            {
                Finish(worker, tile, _weights.AudioBlocks[block]);
                Project(worker, tile, block + 1);
            }
        }
    }

    static int TileCount(int frames) => (frames + FramesPerTile - 1) / FramesPerTile;

    void ConvolveFirst(Worker worker, int tile)
    {
        var (first, count) = RowsOf(tile, 2 * _frames);
        var (mels, width) = (_config.MelCount, _config.Width);
        // Frame t looks at t - 1, t and t + 1, of which the first lies at its own index because of the margin.
        var input = new ActivationView(_mel.Start + ((long)first * mels), null, null, null, mels);
        var output = _convolved.Start + ((first + 1L) * width);
        Convolve(worker, _weights.FirstConvolution, input, count, output, width);
    }

    void ConvolveSecond(Worker worker, int tile)
    {
        var (first, count) = RowsOf(tile, _frames);
        var width = _config.Width;
        // Every second frame: rows that overlap by one.
        var input = new ActivationView(_convolved.Start + (2L * first * width), null, null, null, 2 * width);
        var output = _residual.Row(first);
        Convolve(worker, _weights.SecondConvolution, input, count, output, _residual.Stride);
        for (var row = 0; row < count; row++)
        {
            VectorMath.Add(_weights.AudioPositions + ((long)(first + row) * width), output + ((long)row * _residual.Stride), width);
        }
    }

    void Convolve(Worker worker, LinearLayer layer, ActivationView input, int count, float* output, int stride)
    {
        var width = _config.Width;
        for (var row = 0; row < count; row++)
        {
            new ReadOnlySpan<float>(layer.Bias, width).CopyTo(new Span<float>(output + ((long)row * stride), width));
        }

        layer.Matrix.Multiply(0, layer.Matrix.PanelCount, input, count, output, stride, accumulate: true, worker.Scratch);
        for (var row = 0; row < count; row++)
        {
            Gelu.Execute(output + ((long)row * stride), width);
        }
    }

    /// <summary>Queries, keys and values of a block; behind the last one those of the decoder's cross-attention.</summary>
    void Project(Worker worker, int tile, int block)
    {
        var (first, count) = RowsOf(tile, _frames);
        var isLast = block == _weights.AudioBlocks.Length;
        var norm = isLast ? _weights.AudioNorm : _weights.AudioBlocks[block].AttentionNorm;
        var layers = isLast ? _weights.TextBlocks[0].Cross : _weights.AudioBlocks[block].Attention;
        Normalize(worker, norm, layers.Key, first, count);
        if (isLast)
        {
            for (var text = 0; text < _weights.TextBlocks.Length; text++)
            {
                var cross = _weights.TextBlocks[text].Cross;
                Multiply(worker, cross.Key, worker.Normed.View, worker.Keys, count);
                Multiply(worker, cross.Value, worker.Normed.View, worker.Values, count);
                for (var row = 0; row < count; row++)
                {
                    _features!.Store(text, first + row, worker.Keys.Row(row), worker.Values.Row(row));
                }
            }

            return;
        }

        SetBias(layers.Query, _queries.Row(first), _queries.Stride, count);
        layers.Query.Matrix.Multiply(
            0, layers.Query.Matrix.PanelCount, worker.Normed.View, count, _queries.Row(first), _queries.Stride, accumulate: true,
            worker.Scratch);
        Multiply(worker, layers.Key, worker.Normed.View, worker.Keys, count);
        Multiply(worker, layers.Value, worker.Normed.View, worker.Values, count);
        for (var head = 0; head < _config.AudioHeadCount; head++)
        {
            var (panels, offset) = (HeadOf(head), head * _config.AudioHeadLength);
            for (var row = 0; row < count; row++)
            {
                panels.Store(first + row, worker.Keys.Row(row) + offset, worker.Values.Row(row) + offset);
            }
        }
    }

    void Attend(Worker worker, int head, int tile)
    {
        var first = tile * QueriesPerTile;
        var count = Math.Min(QueriesPerTile, _frames - first);
        var offset = head * _config.AudioHeadLength;
        HeadOf(head).Attend(
            _queries.Row(first) + offset, count, _frames, _attended.Row(first) + offset, _queries.Stride, worker.Scores, _scoreStride);
    }

    /// <summary>From what attention gave to the end of the block.</summary>
    void Finish(Worker worker, int tile, AudioBlock block)
    {
        var (first, count) = RowsOf(tile, _frames);
        Quantize(block.Attention.Output, _attended, first, count);
        AddProduct(worker, block.Attention.Output, _attended.ViewFrom(first), first, count);
        Normalize(worker, block.HiddenNorm, block.Up, first, count);
        Multiply(worker, block.Up, worker.Normed.View, worker.Hidden, count);
        for (var row = 0; row < count; row++)
        {
            Gelu.Execute(worker.Hidden.Row(row), _config.HiddenWidth);
        }

        Quantize(block.Down, worker.Hidden, 0, count);
        AddProduct(worker, block.Down, worker.Hidden.View, first, count);
    }

    void AddProduct(Worker worker, LinearLayer layer, ActivationView input, int first, int count)
    {
        for (var row = 0; row < count; row++)
        {
            VectorMath.Add(layer.Bias, _residual.Row(first + row), _config.Width);
        }

        layer.Matrix.Multiply(
            0, layer.Matrix.PanelCount, input, count, _residual.Row(first), _residual.Stride, accumulate: true, worker.Scratch);
    }

    void Normalize(Worker worker, NormWeights norm, LinearLayer consumer, int first, int count)
    {
        for (var row = 0; row < count; row++)
        {
            LayerNorm.Execute(
                _residual.Row(first + row), norm.Weight, norm.Bias, worker.Normed.Row(row), _config.Width, WhisperConfig.NormEpsilon);
        }

        Quantize(consumer, worker.Normed, 0, count);
    }

    static void Quantize(LinearLayer consumer, Activations activations, int first, int count)
    {
        for (var row = first; row < first + count && consumer.Matrix.QuantizesActivations; row++)
        {
            activations.Quantize(row);
        }
    }

    static void Multiply(Worker worker, LinearLayer layer, ActivationView input, Activations output, int count)
    {
        SetBias(layer, output.Row(0), output.Stride, count);
        layer.Matrix.Multiply(
            0, layer.Matrix.PanelCount, input, count, output.Row(0), output.Stride, accumulate: layer.Bias is not null, worker.Scratch);
    }

    static void SetBias(LinearLayer layer, float* output, int stride, int count)
    {
        for (var row = 0; row < count && layer.Bias is not null; row++)
        {
            new ReadOnlySpan<float>(layer.Bias, layer.Matrix.Rows)
                .CopyTo(new Span<float>(output + ((long)row * stride), layer.Matrix.Rows));
        }
    }

    static (int First, int Count) RowsOf(int tile, int frames)
    {
        var first = tile * FramesPerTile;
        return (first, Math.Min(FramesPerTile, frames - first));
    }

    HeadPanels HeadOf(int head)
    {
        var (length, frames) = (_config.AudioHeadLength, _config.AudioContext);
        return new HeadPanels(
            _keys.Start + (head * HeadPanels.KeyLength(length, frames)), _values.Start + ((long)head * frames * length), length, frames);
    }

    /// <summary>One worker's memory.</summary>
    sealed class Worker : IDisposable
    {
        readonly NativeBuffer<float> _scores = new();

        public Worker(WhisperConfig config, int scoreStride)
        {
            Normed = new Activations(FramesPerTile, config.Width);
            Keys = new Activations(FramesPerTile, config.Width);
            Values = new Activations(FramesPerTile, config.Width);
            Hidden = new Activations(FramesPerTile, config.HiddenWidth);
            _scores.Reserve((long)QueriesPerTile * scoreStride);
        }

        public Activations Normed { get; }

        public Activations Keys { get; }

        public Activations Values { get; }

        public Activations Hidden { get; }

        public float* Scores => _scores.Start;

        public PanelScratch Scratch { get; } = new();

        public void Dispose()
        {
            Normed.Dispose();
            Keys.Dispose();
            Values.Dispose();
            Hidden.Dispose();
            _scores.Dispose();
            Scratch.Dispose();
        }
    }
}
