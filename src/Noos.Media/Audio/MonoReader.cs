namespace Noos.Media.Audio;

/// <summary>
/// A recording as one channel at another rate: the mean of its channels, through a windowed-sinc low-pass filter whose phases are
/// tabulated (Smith, "Digital Audio Resampling"). Not thread-safe.
/// </summary>
public sealed class MonoReader : IDisposable
{
    // Zero crossings of the sinc to each side: with the window of Kaiser below, images are 80 dB down.
    const int ZeroCrossings = 24;
    const double Rolloff = 0.95;
    const double KaiserBeta = 8;
    const int BlockLength = 4096;

    // Beyond so many phases the nearest one is taken: off by less than a 2,000th of a sample.
    const int MaxPhases = 1024;

    readonly AudioReader _source;
    readonly int _phases;
    readonly int _taps;
    readonly float[][] _filters;
    readonly double _step;
    readonly float[] _block;
    float[] _history;
    int _length;
    long _first;
    long _sourceLength;
    long _produced;
    bool _isAtEnd;

    /// <param name="source">Owned from now on.</param>
    /// <param name="sampleRate">Samples per second of the result.</param>
    public MonoReader(AudioReader source, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        (_source, SampleRate) = (source, sampleRate);
        _step = (double)source.SampleRate / sampleRate;
        var divisor = Gcd(source.SampleRate, sampleRate);
        _phases = Math.Min(sampleRate / divisor, MaxPhases);
        // A lower rate needs a lower cut-off, so a longer filter.
        var cutoff = Rolloff * Math.Min(1, 1 / _step);
        _taps = (int)Math.Ceiling(ZeroCrossings / cutoff);
        _filters = source.SampleRate == sampleRate ? [] : [.. Enumerable.Range(0, _phases).Select(phase => Filter(phase, cutoff))];
        _block = new float[BlockLength * source.ChannelCount];
        _history = new float[BlockLength + (2 * _taps) + 2];
    }

    public int SampleRate { get; }

    /// <summary>Decodes the next samples.</summary>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="Core.NoosException">The recording is damaged, or longer than may be.</exception>
    public int Read(Span<float> samples)
    {
        var count = 0;
        for (; count < samples.Length; count++)
        {
            var position = _produced * _step;
            var centre = (long)Math.Floor(position);
            while (!_isAtEnd && centre + _taps + 1 >= _sourceLength)
            {
                Fill(centre);
            }

            if (position >= _sourceLength)
            {
                break;
            }

            samples[count] = _filters.Length == 0 ? At(centre) : Interpolate(centre, position - centre);
            _produced++;
        }

        return count;
    }

    public void Dispose() => _source.Dispose();

    /// <summary>Decodes a block, and forgets what no filter reaches any more.</summary>
    void Fill(long centre)
    {
        var read = _source.Read(_block) / _source.ChannelCount;
        _isAtEnd = read == 0;
        var unneeded = (int)Math.Clamp(centre - _taps - _first, 0, _length);
        Array.Copy(_history, unneeded, _history, 0, _length - unneeded);
        (_length, _first) = (_length - unneeded, _first + unneeded);
        if (_length + read > _history.Length)
        {
            Array.Resize(ref _history, _length + read);
        }

        var channels = _source.ChannelCount;
        for (var i = 0; i < read; i++)
        {
            var sum = 0f;
            for (var channel = 0; channel < channels; channel++)
            {
                sum += _block[(i * channels) + channel];
            }

            // A number that is none would spread to everything behind it.
            _history[_length++] = float.IsFinite(sum) ? Math.Clamp(sum / channels, -8, 8) : 0;
        }

        _sourceLength += read;
    }

    float Interpolate(long centre, double fraction)
    {
        var phase = (int)Math.Round(fraction * _phases);
        if (phase == _phases)
        {
            (phase, centre) = (0, centre + 1);
        }

        var filter = _filters[phase];
        var begin = centre - _taps + 1;
        var offset = begin - _first;
        if (offset >= 0 && offset + filter.Length <= _length)
        {
            return System.Numerics.Tensors.TensorPrimitives.Dot(
                new ReadOnlySpan<float>(filter), new ReadOnlySpan<float>(_history, (int)offset, filter.Length));
        }

        // Before the beginning and behind the end there is silence.
        var sum = 0f;
        for (var tap = 0; tap < filter.Length; tap++)
        {
            sum += filter[tap] * At(begin + tap);
        }

        return sum;
    }

    float At(long index) => index >= _first && index < _first + _length ? _history[index - _first] : 0;

    float[] Filter(int phase, double cutoff)
    {
        var filter = new float[2 * _taps];
        var sum = 0d;
        for (var tap = 0; tap < filter.Length; tap++)
        {
            // Distance of the source's sample from the point that is wanted.
            var distance = tap - _taps + 1 - ((double)phase / _phases);
            var weight = Sinc(distance * cutoff) * Kaiser(distance / (_taps + 1));
            filter[tap] = (float)weight;
            sum += weight;
        }

        // The same loudness in every phase.
        for (var tap = 0; tap < filter.Length; tap++)
        {
            filter[tap] = (float)(filter[tap] / sum);
        }

        return filter;
    }

    static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    static double Kaiser(double x) => Math.Abs(x) >= 1 ? 0 : Bessel(KaiserBeta * Math.Sqrt(1 - (x * x))) / Bessel(KaiserBeta);

    /// <summary>The modified Bessel function I0, by its series.</summary>
    static double Bessel(double x)
    {
        var (sum, term) = (1d, 1d);
        for (var k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }

    static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
