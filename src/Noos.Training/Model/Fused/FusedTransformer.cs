using System.Numerics;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Model.Fused;

/// <summary>
/// The decoder with a hand-derived backward pass: matrix products by our own kernels or libtorch's BLAS, everything between them fused into
/// few passes over memory that was allocated once. It knows no loss: objectives read its <see cref="RowOutput"/> and leave gradients there.
/// <see cref="AutogradTransformer"/> is its reference.
/// </summary>
/// <remarks>
/// One instance serves one thread; several share the weights, each with its own gradient buffer, which makes every part of a step parallel
/// and the sum of their gradients independent of timing.
/// </remarks>
public sealed unsafe partial class FusedTransformer : IDisposable
{
    // Logits of so many positions at a time stay in the last-level cache between the passes over them.
    const int LogitRows = 128;

    readonly TransformerConfig _config;
    readonly ParameterLayout _layout;
    readonly float* _weights;
    readonly float* _gradients;
    readonly Workspace _workspace = new();
    readonly RowActivations[] _rows;
    readonly RowOutput[] _outputs;
    readonly RotaryHeads _rotary;
    readonly CausalAttention _attention;
    readonly WeightMatrices _matrices;
    readonly LinearProducts _products;
    readonly int _projectedLength;
    readonly int _logitStride;

    // Scratch of the head, [LogitRows, ...]; of the backward pass, [context, ...].
    readonly float* _targetNormed;
    readonly float* _logits;
    readonly float* _dTargets;
    readonly float* _dStream;
    readonly float* _dNormed;
    readonly float* _dHidden;
    readonly float* _dMixed;
    readonly float* _dQuery;
    readonly float* _dKey;
    readonly float* _dProjected;
    readonly float* _dProbabilities;

    /// <param name="parameters">Shared weights; read only.</param>
    /// <param name="gradients">[layout length] this instance's own flat gradient buffer, added to.</param>
    /// <param name="maxRows">Rows of one sample at most; each costs the memory of all activations of a row.</param>
    /// <param name="packed">The weights for our own kernels; null: products by libtorch.</param>
    /// <exception cref="NoosException">A width is no multiple of this machine's vectors.</exception>
    internal FusedTransformer(Parameters parameters, Tensor gradients, int maxRows, PackedWeights? packed)
    {
        _config = parameters.Config;
        var lanes = Vector<float>.Count;
        if (_config.EmbeddingLength % lanes != 0 || _config.FeedForwardLength % lanes != 0 || _config.HeadLength / 2 % lanes != 0)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"Embedding length, feed-forward length and half the head length must be multiples of {lanes} on this machine; choose "
                + "widths such as 192, 512 and 64.");
        }

        _layout = parameters.Layout;
        _weights = parameters.Memory;
        _gradients = gradients.FloatPointer();
        _rotary = new RotaryHeads(_config.HeadLength, _config.ContextLength, _config.RopeFrequencyBase, _config.NormEpsilon);
        _matrices = new WeightMatrices(_layout);
        if (packed is null)
        {
            _products = new BlasProducts(_weights, _gradients);
            _attention = new BlasAttention(
                _config.HeadCount, _config.KeyValueHeadCount, _config.HeadLength, _config.ContextLength);
        }
        else
        {
            _products = new PanelProducts(packed, _gradients);
            _attention = new PanelAttention(
                packed.Kernel, _config.HeadCount, _config.KeyValueHeadCount, _config.HeadLength, _config.ContextLength);
        }

        _projectedLength = _config.QueryLength + (2 * _config.KeyValueLength);

        // Whole vectors of any machine (512 bit), so that softmax may run over the end of a row of logits.
        _logitStride = (_config.VocabularySize + 15) & ~15;
        _rows = new RowActivations[maxRows];
        _outputs = new RowOutput[maxRows];
        for (var row = 0; row < maxRows; row++)
        {
            _rows[row] = new RowActivations(_config, _attention.ProbabilityLength, _workspace);
            _outputs[row] = new RowOutput(this, _rows[row]);
        }

        long length = _config.ContextLength;
        _targetNormed = _workspace.Take((long)LogitRows * _config.EmbeddingLength);
        _logits = _workspace.Take((long)LogitRows * _logitStride);
        _dTargets = _workspace.Take((long)LogitRows * _config.EmbeddingLength);
        _dStream = _workspace.Take(length * _config.EmbeddingLength);

        // The first row's hidden gradient has been used up when the backward pass first writes here, and it goes first (see Backward).
        _dNormed = _rows[0].HiddenGradient;
        _dHidden = _workspace.Take(length * _config.FeedForwardLength);
        _dMixed = _workspace.Take(length * _config.QueryLength);
        _dQuery = _workspace.Take(length * _config.QueryLength);
        _dKey = _workspace.Take(length * _config.KeyValueLength);
        _dProjected = _workspace.Take(length * _projectedLength);
        _dProbabilities = _workspace.Take(_attention.ScratchLength);
    }

    /// <summary>Width of the residual stream.</summary>
    internal int Width => _config.EmbeddingLength;

    /// <summary>
    /// Computes rows of one sample, which an objective may then read, and write gradients of, until the next call. Gradients of the hidden
    /// states are zero at first.
    /// </summary>
    /// <param name="rows">As many as the constructor allowed, or fewer.</param>
    /// <exception cref="ArgumentException">A row is too short or too long, or a token is outside the vocabulary.</exception>
    public ReadOnlySpan<RowOutput> Forward(ReadOnlySpan<TrainingRow> rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, _rows.Length, nameof(rows));
        for (var row = 0; row < rows.Length; row++)
        {
            Forward(rows[row].Tokens, _rows[row]);
        }

        return _outputs.AsSpan(0, rows.Length);
    }

    /// <summary>
    /// Adds to the gradient buffer what follows from the gradients that an objective left in the outputs of the last forward pass.
    /// </summary>
    /// <param name="rows">Number of rows of that pass.</param>
    /// <param name="overwrite">
    /// The gradients of the blocks' matrices (the layout's decayed range) are undefined and shall be written instead: clearing them first
    /// would be a pass over most of the memory.
    /// </param>
    public void Backward(int rows, bool overwrite = false)
    {
        // Ascending: the scratch memory of all backward passes is the first row's hidden gradient.
        for (var row = 0; row < rows; row++)
        {
            Backward(_rows[row], accumulate: row > 0 || !overwrite);
        }
    }

    public void Dispose()
    {
        _products.Dispose();
        _attention.Dispose();
        _workspace.Dispose();
    }

    internal Span<float> Parameter(string name) => new(Weight(name), checked((int)_layout[name].Length));

    internal Span<float> ParameterGradient(string name) => new(Gradient(name), checked((int)_layout[name].Length));

    float* Weight(string name) => _weights + _layout[name].Offset;

    float* Gradient(string name) => _gradients + _layout[name].Offset;
}
