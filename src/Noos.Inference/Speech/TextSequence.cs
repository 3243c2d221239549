using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Speech;

/// <summary>
/// A sequence of tokens of the decoder over one window: keys and values of its self-attention in half precision. Threads may work on
/// different heads.
/// </summary>
sealed unsafe class TextSequence : IDisposable
{
    readonly int _heads;
    readonly int _headLength;
    readonly long _keyLength;
    readonly long _valueLength;
    readonly NativeBuffer<ushort> _memory = new();

    public TextSequence(WhisperConfig config, AudioFeatures features)
    {
        (_heads, _headLength, Capacity, Features) = (config.TextHeadCount, config.TextHeadLength, config.TextContext, features);
        _keyLength = (long)Panel.Count(Capacity) * Panel.Rows * _headLength;
        _valueLength = (long)Capacity * _headLength;
        var length = config.TextLayerCount * _heads * (_keyLength + _valueLength);
        _memory.Reserve(length);

        // Scores of positions that are not there yet are computed and passed over; they must be finite.
        new Span<ushort>(_memory.Start, checked((int)length)).Clear();
    }

    /// <summary>The window that is transcribed.</summary>
    public AudioFeatures Features { get; }

    /// <summary>Max tokens.</summary>
    public int Capacity { get; }

    /// <summary>Tokens held.</summary>
    public int Length { get; set; }

    /// <summary>Stores the key and value of one head [head length] at a position, then lets its query see all up to there.</summary>
    /// <param name="block">Block of the decoder.</param>
    /// <param name="head">Head of the block.</param>
    /// <param name="position">Of the token.</param>
    /// <param name="query">[head length]</param>
    /// <param name="key">[head length]</param>
    /// <param name="value">[head length]</param>
    /// <param name="output">[head length]; replaced.</param>
    /// <param name="scores">Scratch of whole panels of positions.</param>
    public void Attend(int block, int head, int position, float* query, float* key, float* value, float* output, float* scores)
    {
        var keys = _memory.Start + (((block * (long)_heads) + head) * (_keyLength + _valueLength));
        var values = keys + _keyLength;
        var (panel, row) = Math.DivRem(position, Panel.Rows);
        for (var column = 0; column < _headLength; column++)
        {
            keys[((((long)panel * _headLength) + column) * Panel.Rows) + row] = HalfPrecision.FromSingle(key[column]);
            values[(((((long)column / Panel.Rows) * Capacity) + position) * Panel.Rows) + (column % Panel.Rows)] =
                HalfPrecision.FromSingle(value[column]);
        }

        HalfAttention.Attend(keys, values, Capacity, _headLength, position + 1, query, output, scores);
    }

    public void Dispose() => _memory.Dispose();
}

/// <summary>A token for the decoder.</summary>
/// <param name="Sequence">It is appended to this one.</param>
/// <param name="Token">Its id.</param>
/// <param name="WantsLogits">The scores of what may follow are asked for.</param>
readonly record struct TextRow(TextSequence Sequence, int Token, bool WantsLogits);
