namespace Noos.Media.Speech;

/// <summary>Measures one frame of sound at 16 kHz after another: bands, level, pitch. Not thread-safe.</summary>
sealed class FrameAnalyzer
{
    public const int SampleRate = 16_000;

    /// <summary>Samples from one frame to the next: 10 ms.</summary>
    public const int Hop = 160;

    /// <summary>Samples of a frame: 32 ms, two periods of a low voice.</summary>
    public const int Length = 512;

    public const int BandCount = 12;

    // Voices: 70 to 400 Hz.
    const int MinLag = SampleRate / 400;
    const int MaxLag = SampleRate / 70;
    const double LowestBand = 100;
    const double HighestBand = 7000;

    // Below the noise of any microphone, so that digital silence is nothing special: 75 dB under full scale.
    const float Floor = 3e-8f;

    // A peak so near to the highest one is taken before it: the period and not its double.
    const float PeakTolerance = 0.9f;

    static readonly float[] s_window = MakeWindow();
    static readonly float[] s_windowCorrelation = MakeWindowCorrelation();
    static readonly (int First, int End)[] s_bands = MakeBands();

    readonly float[] _real = new float[2 * Length];
    readonly float[] _imaginary = new float[2 * Length];
    readonly float[] _power = new float[Length + 1];

    /// <summary>Measures a frame.</summary>
    /// <param name="samples">[<see cref="Length"/>]</param>
    public SpeechFrame Analyze(ReadOnlySpan<float> samples)
    {
        // Twice the length, so that the autocorrelation does not wrap around.
        Array.Clear(_imaginary);
        var mean = 0f;
        foreach (var sample in samples)
        {
            mean += sample / Length;
        }

        for (var i = 0; i < Length; i++)
        {
            _real[i] = (samples[i] - mean) * s_window[i];
        }

        Array.Clear(_real, Length, Length);
        FourierTransform.Execute(_real, _imaginary);
        var energy = 0f;
        for (var bin = 0; bin <= Length; bin++)
        {
            _power[bin] = (_real[bin] * _real[bin]) + (_imaginary[bin] * _imaginary[bin]);
        }

        var frame = default(SpeechFrame);
        // The window keeps 3/8 of the energy; power as that of one sample.
        const float Scale = 1 / (0.375f * Length * Length);
        for (var band = 0; band < BandCount; band++)
        {
            var sum = 0f;
            for (var bin = s_bands[band].First; bin < s_bands[band].End; bin++)
            {
                sum += _power[bin];
            }

            sum *= Scale;
            energy += sum;
            frame.Bands[band] = Decibels(sum + (Floor / BandCount));
        }

        frame.Level = Decibels(energy + Floor);
        frame.Entropy = Entropy();
        (frame.Harmonicity, frame.LogPeriod) = Pitch();
        return frame;
    }

    static float Decibels(float power) => 10 * MathF.Log10(power);

    float Entropy()
    {
        var (first, end) = (s_bands[0].First, s_bands[^1].End);
        var sum = 0f;
        for (var bin = first; bin < end; bin++)
        {
            sum += _power[bin] + 1e-9f;
        }

        var entropy = 0f;
        for (var bin = first; bin < end; bin++)
        {
            var share = (_power[bin] + 1e-9f) / sum;
            entropy -= share * MathF.Log(share);
        }

        return entropy / MathF.Log(end - first);
    }

    (float Harmonicity, float LogPeriod) Pitch()
    {
        // The autocorrelation is the transform of the power spectrum. Above 2 kHz voices are noisy, below 60 Hz rooms hum.
        for (var bin = 0; bin <= Length; bin++)
        {
            var hertz = bin * (double)SampleRate / (2 * Length);
            _real[bin] = hertz is > 60 and < 2000 ? _power[bin] : 0;
        }

        for (var bin = 1; bin < Length; bin++)
        {
            _real[(2 * Length) - bin] = _real[bin];
        }

        Array.Clear(_imaginary);
        FourierTransform.Execute(_real, _imaginary);
        if (_real[0] <= 1e-9f)
        {
            return (0, 0);
        }

        var max = 0f;
        for (var lag = MinLag; lag <= MaxLag; lag++)
        {
            // As if there were no window.
            _real[lag] /= s_windowCorrelation[lag] * _real[0];
            max = MathF.Max(max, _real[lag]);
        }

        for (var lag = MinLag + 1; lag < MaxLag; lag++)
        {
            var (before, at, behind) = (_real[lag - 1], _real[lag], _real[lag + 1]);
            if (at >= max * PeakTolerance && at > before && at >= behind)
            {
                // The top of the parabola through three points.
                var shift = 0.5f * (before - behind) / (before - (2 * at) + behind);
                return (Math.Clamp(at, 0, 1), MathF.Log(lag + Math.Clamp(shift, -0.5f, 0.5f)));
            }
        }

        return (0, 0);
    }

    static float[] MakeWindow()
    {
        var window = new float[Length];
        for (var i = 0; i < Length; i++)
        {
            window[i] = 0.5f - (0.5f * MathF.Cos(2 * MathF.PI * (i + 0.5f) / Length));
        }

        return window;
    }

    static float[] MakeWindowCorrelation()
    {
        var correlation = new float[MaxLag + 1];
        for (var lag = 0; lag <= MaxLag; lag++)
        {
            for (var i = 0; i + lag < Length; i++)
            {
                correlation[lag] += s_window[i] * s_window[i + lag];
            }
        }

        return Array.ConvertAll(correlation, value => value / correlation[0]);
    }

    /// <summary>Bands of equal width on the mel scale, in bins of the doubled transform.</summary>
    static (int First, int End)[] MakeBands()
    {
        var (low, high) = (Mel(LowestBand), Mel(HighestBand));
        return [.. Enumerable.Range(0, BandCount).Select(band => (
            Bin(low + ((high - low) * band / BandCount)), Bin(low + ((high - low) * (band + 1) / BandCount))))];

        static double Mel(double hertz) => 2595 * Math.Log10(1 + (hertz / 700));

        static int Bin(double mel) => (int)Math.Round(700 * (Math.Pow(10, mel / 2595) - 1) * 2 * Length / SampleRate);
    }
}
