using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Speech;

/// <summary>
/// What the decoder sees of a window: keys and values of its cross-attention for each block and head, computed once per window and kept in
/// half precision, since every token reads all of them. Threads may store different frames.
/// </summary>
sealed unsafe class AudioFeatures : IDisposable
{
    readonly int _heads;
    readonly int _headLength;
    readonly int _maxFrames;
    readonly long _keyLength;
    readonly long _valueLength;
    readonly NativeBuffer<ushort> _memory = new();

    public AudioFeatures(WhisperConfig config)
    {
        (_heads, _headLength, _maxFrames) = (config.TextHeadCount, config.TextHeadLength, config.AudioContext);
        _keyLength = (long)Panel.Count(_maxFrames) * Panel.Rows * _headLength;
        _valueLength = (long)_maxFrames * _headLength;
        _memory.Reserve(config.TextLayerCount * _heads * (_keyLength + _valueLength));
    }

    /// <summary>Frames of 20 ms that are there.</summary>
    public int Frames { get; set; }

    /// <summary>Stores the keys and values of one frame, of all heads [heads * head length].</summary>
    public void Store(int block, int frame, float* keys, float* values)
    {
        var (panel, row) = Math.DivRem(frame, Panel.Rows);
        for (var head = 0; head < _heads; head++)
        {
            var keyPanels = KeysOf(block, head);
            var valuePanels = ValuesOf(block, head);
            for (var column = 0; column < _headLength; column++)
            {
                keyPanels[((((long)panel * _headLength) + column) * Panel.Rows) + row] =
                    HalfPrecision.FromSingle(keys[(head * _headLength) + column]);
            }

            for (var column = 0; column < _headLength; column++)
            {
                valuePanels[(((((long)column / Panel.Rows) * _maxFrames) + frame) * Panel.Rows) + (column % Panel.Rows)] =
                    HalfPrecision.FromSingle(values[(head * _headLength) + column]);
            }
        }
    }

    /// <summary>Clears the rows of the last panel that no frame fills.</summary>
    public void ClearBehind()
    {
        var last = (Frames - 1) / Panel.Rows;
        for (var block = 0; block < _memory.Length / ((_keyLength + _valueLength) * _heads); block++)
        {
            for (var head = 0; head < _heads; head++)
            {
                for (var column = 0; column < _headLength; column++)
                {
                    var rows = KeysOf(block, head) + ((((long)last * _headLength) + column) * Panel.Rows);
                    new Span<ushort>(rows, Panel.Rows)[(Frames - (last * Panel.Rows))..].Clear();
                }
            }
        }
    }

    /// <summary>output = softmax(q K^T / sqrt(d)) V for one query of one head.</summary>
    /// <param name="block">Block of the decoder.</param>
    /// <param name="head">Head of the block.</param>
    /// <param name="query">[head length]</param>
    /// <param name="output">[head length]; replaced.</param>
    /// <param name="scores">Scratch of whole panels of frames; has the weights of the frames afterwards.</param>
    public void Attend(int block, int head, float* query, float* output, float* scores)
    {
        HalfAttention.Attend(
            KeysOf(block, head), ValuesOf(block, head), _maxFrames, _headLength, Frames, query, output, scores);
    }

    public void Dispose() => _memory.Dispose();

    ushort* KeysOf(int block, int head) => _memory.Start + (((block * (long)_heads) + head) * (_keyLength + _valueLength));

    ushort* ValuesOf(int block, int head) => KeysOf(block, head) + _keyLength;
}
