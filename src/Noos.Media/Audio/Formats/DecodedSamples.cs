namespace Noos.Media.Audio.Formats;

/// <summary>What was decoded at once and is asked for in pieces. Not thread-safe.</summary>
sealed class DecodedSamples
{
    float[] _samples = [];
    int _begin;
    int _end;

    public bool IsEmpty => _begin == _end;

    /// <summary>Replaces what is left by what was decoded next.</summary>
    public void Put(ReadOnlySpan<float> decoded)
    {
        if (_samples.Length < decoded.Length)
        {
            _samples = new float[decoded.Length];
        }

        decoded.CopyTo(_samples);
        (_begin, _end) = (0, decoded.Length);
    }

    /// <summary>Takes as many as there are room and samples for; returns how many.</summary>
    public int Take(Span<float> samples)
    {
        var count = Math.Min(samples.Length, _end - _begin);
        _samples.AsSpan(_begin, count).CopyTo(samples);
        _begin += count;
        return count;
    }
}
