using System.Numerics;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Model.Fused;

/// <summary>
/// The decoder with a hand-derived backward pass: matrix products by BLAS, everything between them fused into few passes over memory that
/// was allocated once. One instance serves one thread; several share the weights, each with its own gradient buffer, which makes every part
/// of a step parallel and the sum of their gradients independent of timing. <see cref="AutogradTransformer"/> is its reference.
/// </summary>
public sealed unsafe partial class FusedTransformer : IGradientSource, IDisposable
{
    // Logits of so many positions at a time stay in the last-level cache between the passes over them.
    const int LogitRows = 128;

    readonly TransformerConfig _config;
    readonly ParameterLayout _layout;
    readonly float* _weights;
    readonly float* _gradients;
    readonly Workspace _workspace = new();
    readonly BlockActivations[] _blocks;
    readonly RotaryHeads _rotary;
    readonly CausalAttention _attention;
    readonly int _projectedLength;
    readonly int _logitStride;

    readonly float* _output;
    readonly float* _outputNormed;
    readonly float* _outputInverse;
    readonly float* _targetNormed;
    readonly float* _logits;

    readonly float* _dStream;
    readonly float* _dNormed;
    readonly float* _dHidden;
    readonly float* _dMixed;
    readonly float* _dQuery;
    readonly float* _dKey;
    readonly float* _dProjected;
    readonly float* _dProbabilities;
    readonly float* _dTargets;

    /// <param name="parameters">Shared weights; read only.</param>
    /// <param name="gradients">This instance's own flat gradient buffer, added to.</param>
    public FusedTransformer(Parameters parameters, Tensor gradients)
    {
        _config = parameters.Config;
        var lanes = Vector<float>.Count;
        if (_config.EmbeddingLength % lanes != 0 || _config.FeedForwardLength % lanes != 0 || _config.HeadLength / 2 % lanes != 0)
        {
            throw new NoosException($"Embedding length, feed-forward length and half the head length must be multiples of {lanes} on this machine; choose widths such as 192, 512 and 64.");
        }

        _layout = parameters.Layout;
        _weights = parameters.Memory;
        _gradients = gradients.FloatPointer();
        _rotary = new RotaryHeads(_config.HeadLength, _config.ContextLength, _config.RopeFrequencyBase, _config.NormEpsilon);
        _attention = new CausalAttention(_config.HeadCount, _config.KeyValueHeadCount, _config.HeadLength, _config.ContextLength);
        _projectedLength = _config.QueryLength + (2 * _config.KeyValueLength);
        _logitStride = (_config.VocabularySize + 15) & ~15;
        _blocks = new BlockActivations[_config.BlockCount];
        for (var block = 0; block < _blocks.Length; block++)
        {
            _blocks[block] = new BlockActivations(_config, _attention.ProbabilityLength, _workspace);
        }

        long length = _config.ContextLength;
        _output = _workspace.Take(length * _config.EmbeddingLength);
        _outputNormed = _workspace.Take(length * _config.EmbeddingLength);
        _outputInverse = _workspace.Take(length);
        _targetNormed = _workspace.Take((long)LogitRows * _config.EmbeddingLength);
        _logits = _workspace.Take((long)LogitRows * _logitStride);
        _dStream = _workspace.Take(length * _config.EmbeddingLength);
        _dNormed = _workspace.Take(length * _config.EmbeddingLength);
        _dHidden = _workspace.Take(length * _config.FeedForwardLength);
        _dMixed = _workspace.Take(length * _config.QueryLength);
        _dQuery = _workspace.Take(length * _config.QueryLength);
        _dKey = _workspace.Take(length * _config.KeyValueLength);
        _dProjected = _workspace.Take(length * _projectedLength);
        _dProbabilities = _workspace.Take(_attention.ScratchLength);
        _dTargets = _workspace.Take((long)LogitRows * _config.EmbeddingLength);
    }

    public double AddGradient(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget, float scale)
    {
        var length = Forward(tokens);
        var loss = Head(tokens, isTarget, scale);
        Backward(tokens, length);
        return loss;
    }

    public double Loss(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget)
    {
        Forward(tokens);
        return Head(tokens, isTarget, scale: 0);
    }

    public void Dispose() => _workspace.Dispose();

    float* Weight(string name) => _weights + _layout[name].Offset;

    float* Gradient(string name) => _gradients + _layout[name].Offset;
}
