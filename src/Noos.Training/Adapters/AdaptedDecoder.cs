using Noos.Language.Architectures;
using Noos.Training.Kernels;
using Noos.Training.Model.Fused;
using Noos.Training.Reinforcement;

namespace Noos.Training.Adapters;

/// <summary>
/// Forward and backward pass of a frozen decoder with low-rank pairs, for the pairs' gradients. Several rows are packed into one pass; each
/// sees itself only. One instance serves one thread; several share the frozen weights and the values of the pairs.
/// </summary>
sealed unsafe partial class AdaptedDecoder : IDisposable
{
    readonly FrozenDecoder _model;
    readonly DecoderConfig _config;
    readonly AdaptedDecoderOptions _options;
    readonly Workspace _workspace = new();
    readonly AdaptedProducts _products;
    readonly GroupedAttention _attention;
    readonly GroupedAttention? _localAttention;

    // One for each block, or one for all where they are computed again.
    readonly AdaptedBlockActivations[] _activations;

    // [block] residual stream before each block, and after the last: [rows, embedding].
    readonly nint[] _inputs;
    readonly List<SequenceRange> _sequences = [];
    readonly List<int> _tokens = [];

    // Scratch of a pass, [rows, ...].
    readonly float* _normed;
    readonly float* _inverse;
    readonly float* _hidden;
    readonly float* _dStream;
    readonly float* _dNormed;
    readonly float* _dOutput;
    readonly float* _dHidden;
    readonly float* _dMixed;
    readonly float* _dProjected;

    // Norms are frozen: their gradient goes where nobody reads it.
    readonly float* _unused;

    /// <param name="values">Of the pairs, flat; read only.</param>
    /// <param name="gradients">This instance's own, of the same layout; added to.</param>
    public AdaptedDecoder(FrozenDecoder model, float* values, float* gradients, TileKernel kernel, AdaptedDecoderOptions options)
    {
        (_model, _config, _options) = (model, model.Config, options);
        long rows = options.MaxRows;
        var width = _config.EmbeddingLength;
        _products = new AdaptedProducts(
            kernel, model.Options, values, gradients, Math.Max(Math.Max(width, _config.FeedForwardLength), _config.QueryLength),
            options.MaxRows);
        _attention = new GroupedAttention(_config, kernel, model.Frequencies, int.MaxValue, options.MaxLength, _workspace);
        _localAttention = _config.SlidingWindow > 0
            ? new GroupedAttention(_config, kernel, model.LocalFrequencies, _config.SlidingWindow, options.MaxLength, _workspace)
            : null;
        _activations = new AdaptedBlockActivations[options.Recompute ? 1 : _config.BlockCount];
        for (var block = 0; block < _activations.Length; block++)
        {
            _activations[block] = new AdaptedBlockActivations(_config, rows, _workspace);
        }

        _inputs = new nint[_config.BlockCount + 1];
        for (var block = 0; block < _inputs.Length; block++)
        {
            _inputs[block] = (nint)_workspace.Take(rows * width);
        }

        _normed = _workspace.Take(rows * width);
        _inverse = _workspace.Take(rows);
        _hidden = _workspace.Take(rows * _config.FeedForwardLength);
        _dStream = _workspace.Take(rows * width);
        _dNormed = _workspace.Take(rows * width);
        _dOutput = _workspace.Take(rows * width);
        _dHidden = _workspace.Take(rows * _config.FeedForwardLength);
        _dMixed = _workspace.Take(rows * _config.QueryLength);
        _dProjected = _workspace.Take(rows * _config.ProjectedLength);
        _unused = _workspace.Take(width);
        _logitRows = LogitRows(_config.VocabularySize);

        // Whole vectors of any machine (512 bit), so that softmax may run over the end of a row of logits.
        _logitStride = (_config.VocabularySize + 15) & ~15;
        _logits = _workspace.Take((long)_logitRows * _logitStride);
        _targetNormed = _workspace.Take((long)_logitRows * width);
        _dTargets = _workspace.Take((long)_logitRows * width);
    }

    /// <summary>Bytes that a pass keeps for each of its tokens, without what all passes share.</summary>
    public static long BytesPerRow(FrozenDecoder model, bool recompute)
    {
        var config = model.Config;
        return sizeof(float) * (((config.BlockCount + 1L) * config.EmbeddingLength)
            + (AdaptedBlockActivations.LengthPerRow(config) * (recompute ? 1 : config.BlockCount)));
    }

    /// <summary>Adds the gradient of scale · loss of some rows.</summary>
    /// <param name="rows">Together no more tokens than a pass takes.</param>
    /// <returns>Sum over the targets of weight · cross-entropy in nats, not scaled.</returns>
    public double AddGradient(ReadOnlySpan<AdapterRow> rows, float scale)
    {
        _products.IsTraining = true;
        Forward(rows);
        var loss = Head(rows, scale, addsGradient: true);
        Backward();
        return loss;
    }

    /// <summary>The same loss without dropout and gradient.</summary>
    public double Loss(ReadOnlySpan<AdapterRow> rows)
    {
        _products.IsTraining = false;
        Forward(rows);
        return Head(rows, 0, addsGradient: false);
    }

    /// <summary>Logits of every position of a sequence, without dropout.</summary>
    /// <param name="tokens">At most as many as a pass takes.</param>
    /// <returns>[tokens, vocabulary]</returns>
    public float[] Logits(ReadOnlySpan<int> tokens)
    {
        _products.IsTraining = false;
        Begin();
        Append(tokens, number: 0);
        Forward();
        var logits = new float[(long)tokens.Length * _config.VocabularySize];
        for (var first = 0; first < tokens.Length; first += _logitRows)
        {
            var count = Math.Min(_logitRows, tokens.Length - first);
            _products.ForwardFrozen(
                _model.Output, _normed + ((long)first * _config.EmbeddingLength), _logits, _logitStride, count, accumulate: false);
            for (var row = 0; row < count; row++)
            {
                new ReadOnlySpan<float>(_logits + ((long)row * _logitStride), _config.VocabularySize)
                    .CopyTo(logits.AsSpan((first + row) * _config.VocabularySize));
            }
        }

        return logits;
    }

    public void Dispose()
    {
        _products.Dispose();
        _attention.Dispose();
        _localAttention?.Dispose();
        _workspace.Dispose();
    }

    void Forward(ReadOnlySpan<AdapterRow> rows)
    {
        Begin();
        foreach (var (row, number) in rows)
        {
            Append(row.Tokens.AsSpan(0, row.Length), number);
        }

        Forward();
    }

    void Begin()
    {
        _tokens.Clear();
        _sequences.Clear();
    }

    void Append(ReadOnlySpan<int> tokens, long number)
    {
        if (tokens.Length < 1 || tokens.Length > _options.MaxLength || _tokens.Count + tokens.Length > _options.MaxRows)
        {
            throw new ArgumentException(
                $"A row must have 1 to {_options.MaxLength} tokens and a pass at most {_options.MaxRows}, not {tokens.Length} after "
                + $"{_tokens.Count}.",
                nameof(tokens));
        }

        _sequences.Add(new SequenceRange(_tokens.Count, tokens.Length));
        var key = Seeds.Mix(_options.Seed, (ulong)number);
        for (var position = 0; position < tokens.Length; position++)
        {
            _products.RowKeys[_tokens.Count] = Seeds.Mix(key, (ulong)position);
            _tokens.Add(tokens[position]);
        }
    }

    AdaptedBlockActivations ActivationsOf(int block) => _activations[_options.Recompute ? 0 : block];

    GroupedAttention AttentionOf(int block) => _config.IsLocal(block) ? _localAttention! : _attention;

    float* Input(int block) => (float*)_inputs[block];
}
