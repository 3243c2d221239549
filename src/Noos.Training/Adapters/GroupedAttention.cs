using Noos.Language.Architectures;
using Noos.Training.Kernels;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

/// <summary>
/// Causal attention over the sequences of a pass, one group of query heads and its key-value head at a time. The backward pass computes
/// probabilities again instead of keeping them (Chen et al., 2016): they are small work, and large memory.
/// </summary>
sealed unsafe class GroupedAttention : IDisposable
{
    readonly DecoderConfig _config;
    readonly HeadRotation _rotation;
    readonly PanelAttention _attention;
    readonly int _groupSize;
    readonly float* _query;
    readonly float* _key;
    readonly float* _mixed;
    readonly float* _probabilities;
    readonly float* _dQuery;
    readonly float* _dKey;
    readonly float* _scratch;

    /// <param name="frequencies">Of the rotary positions.</param>
    /// <param name="window">Positions that a token sees, its own included.</param>
    /// <param name="maxLength">Longest sequence.</param>
    /// <param name="workspace">Holds the scratch memory.</param>
    public GroupedAttention(
        DecoderConfig config, TileKernel kernel, double[] frequencies, int window, int maxLength, Workspace workspace)
    {
        _config = config;
        _rotation = new HeadRotation(config, frequencies, maxLength);
        _groupSize = config.HeadCount / config.KeyValueHeadCount;
        _attention = new PanelAttention(kernel, _groupSize, 1, config.HeadLength, maxLength, config.AttentionScale, window);
        var group = (long)maxLength * _groupSize * config.HeadLength;
        _query = workspace.Take(group);
        _dQuery = workspace.Take(group);
        _mixed = workspace.Take(group);
        _key = workspace.Take((long)maxLength * config.HeadLength);
        _dKey = workspace.Take((long)maxLength * config.HeadLength);
        _probabilities = workspace.Take(_attention.ProbabilityLength);
        _scratch = workspace.Take(_attention.ScratchLength);
    }

    /// <param name="projected">[rows, projected length]: queries, keys and values</param>
    /// <param name="mixed">[rows, query length]</param>
    public void Forward(FrozenBlock weights, float* projected, float* mixed, ReadOnlySpan<SequenceRange> sequences)
    {
        foreach (var sequence in sequences)
        {
            for (var group = 0; group < _config.KeyValueHeadCount; group++)
            {
                _ = Attend(weights, projected, sequence, group);
                Move(_mixed, mixed, sequence, group, scatters: true);
            }
        }
    }

    /// <param name="projected">[rows, projected length] of the forward pass</param>
    /// <param name="dMixed">[rows, query length]</param>
    /// <param name="dProjected">[rows, projected length], written</param>
    public void Backward(
        FrozenBlock weights, float* projected, float* dMixed, float* dProjected, ReadOnlySpan<SequenceRange> sequences)
    {
        var stride = _config.ProjectedLength;
        foreach (var sequence in sequences)
        {
            // Gradients of values are added to.
            new Span<float>(dProjected + ((long)sequence.First * stride), sequence.Length * stride).Clear();
            for (var group = 0; group < _config.KeyValueHeadCount; group++)
            {
                var value = Attend(weights, projected, sequence, group);
                Move(_mixed, dMixed, sequence, group, scatters: false);
                var rows = sequence.Length;
                _attention.Backward(
                    _query, _key, value, stride, _probabilities, _mixed, _dQuery, _dKey, dProjected + (value - projected), _scratch, rows);
                for (var head = 0; head < _groupSize; head++)
                {
                    var query = ((long)sequence.First * stride) + (((group * _groupSize) + head) * _config.HeadLength);
                    _rotation.Backward(
                        projected + query, stride, weights.QueryNorm, _dQuery + ((long)head * rows * _config.HeadLength),
                        dProjected + query, rows);
                }

                var key = ((long)sequence.First * stride) + _config.QueryLength + (group * _config.HeadLength);
                _rotation.Backward(projected + key, stride, weights.KeyNorm, _dKey, dProjected + key, rows);
            }
        }
    }

    public void Dispose() => _attention.Dispose();

    /// <summary>Fills probabilities and mixed values of a group; gives the first value of its head.</summary>
    float* Attend(FrozenBlock weights, float* projected, SequenceRange sequence, int group)
    {
        var stride = _config.ProjectedLength;
        var first = projected + ((long)sequence.First * stride);
        var rows = sequence.Length;
        for (var head = 0; head < _groupSize; head++)
        {
            _rotation.Forward(
                first + (((group * _groupSize) + head) * _config.HeadLength), stride, weights.QueryNorm,
                _query + ((long)head * rows * _config.HeadLength), rows);
        }

        var key = first + _config.QueryLength + (group * _config.HeadLength);
        _rotation.Forward(key, stride, weights.KeyNorm, _key, rows);
        var value = key + _config.KeyValueLength;
        _attention.Forward(_query, _key, value, stride, _probabilities, _mixed, rows);
        return value;
    }

    // Between [rows, group size · head length] and the group's columns of [rows, query length].
    void Move(float* own, float* all, SequenceRange sequence, int group, bool scatters)
    {
        var width = _groupSize * _config.HeadLength;
        var place = all + ((long)sequence.First * _config.QueryLength) + (group * width);
        for (var row = 0; row < sequence.Length; row++, own += width, place += _config.QueryLength)
        {
            var (source, target) = scatters ? ((nint)own, (nint)place) : ((nint)place, (nint)own);
            new ReadOnlySpan<float>((float*)source, width).CopyTo(new Span<float>((float*)target, width));
        }
    }
}
