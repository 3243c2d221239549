namespace Noos.Media.Encoders;

/// <summary>
/// Another sample rate for a stream: every output sample is a sum of its neighbours weighted by a windowed sinc (Smith, Digital Audio
/// Resampling), one set of weights for each of the few distances that two whole rates have. Not thread-safe.
/// </summary>
public sealed class StreamResampler
{
    // Zero crossings on each side: the stop band lies 80 dB down.
    const int Crossings = 16;

    readonly int _from;
    readonly int _to;
    readonly int _reach;
    readonly float[][] _weights;
    readonly List<float> _pending = [];
    long _first;
    long _next;
    long _length;

    /// <param name="from">Of what comes in, in Hz.</param>
    /// <param name="to">Of what goes out, in Hz.</param>
    public StreamResampler(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        var common = Common(from, to);
        (_from, _to) = (from / common, to / common);

        // Downwards the filter must stop at the lower rate's limit, so that it is longer.
        var cutoff = Math.Min(1.0, (double)_to / _from);
        _reach = (int)Math.Ceiling(Crossings / cutoff);
        _weights = [.. Enumerable.Range(0, _to).Select(phase => Weights((double)phase / _to, cutoff, _reach))];

        // Silence before the first sample.
        _first = -_reach;
        _pending.AddRange(new float[_reach]);
    }

    /// <summary>Output samples that are complete after these.</summary>
    public float[] Push(ReadOnlySpan<float> samples)
    {
        _pending.AddRange(samples);
        _length += samples.Length;
        return Take(long.MaxValue);
    }

    /// <summary>The last output samples: as long as the input lasted.</summary>
    public float[] Flush()
    {
        _pending.AddRange(new float[(2 * _reach) + 1]);
        return Take(((_length * _to) + _from - 1) / _from);
    }

    float[] Take(long end)
    {
        var made = new List<float>();
        var values = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending);
        for (; _next < end; _next++)
        {
            // Output n stands at input time n * from / to, which lies between two samples.
            var start = (_next * _from / _to) - _reach + 1 - _first;
            var weights = _weights[_next * _from % _to];
            if (start + weights.Length > values.Length)
            {
                break;
            }

            made.Add(System.Numerics.Tensors.TensorPrimitives.Dot(values.Slice((int)start, weights.Length), weights));
        }

        // What no later output reads.
        var used = (int)Math.Clamp((_next * _from / _to) - _reach + 1 - _first, 0, _pending.Count);
        _pending.RemoveRange(0, used);
        _first += used;
        return [.. made];
    }

    static float[] Weights(double fraction, double cutoff, int reach)
    {
        var weights = new float[2 * reach];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var distance = i - (reach - 1) - fraction;
            var x = Math.PI * distance * cutoff;
            var inside = Math.Abs(distance) / reach;

            // Blackman's window.
            var window = inside >= 1 ? 0 : 0.42 + (0.5 * Math.Cos(Math.PI * inside)) + (0.08 * Math.Cos(2 * Math.PI * inside));
            weights[i] = (float)(cutoff * (x == 0 ? 1 : Math.Sin(x) / x) * window);
            sum += weights[i];
        }

        // A constant stays what it is.
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / sum);
        }

        return weights;
    }

    static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);
}
