namespace Noos.Media.Speech;

/// <summary>
/// What about two thirds of a second are like: how the bands stand to each other and how they move, how periodic the sound is and whether
/// its pitch moves as voices do. A tone stays where it is, noise has no pitch, a melody jumps; a voice glides, and hisses in between.
/// Independent of loudness.
/// </summary>
static class ContextFeatures
{
    /// <summary>Frames that are looked at, half of them behind the moment that is meant.</summary>
    public const int Frames = 64;

    /// <summary>Numbers.</summary>
    public const int Count = (2 * FrameAnalyzer.BandCount) + 14;

    const float Voiced = 0.6f;
    const int FluxDistance = 3;

    // Natural voices move by half a percent in 10 ms; electronic tones by nothing.
    const float FrozenPitch = 0.0015f;
    const float MaxGlide = 0.06f;

    /// <param name="frames">[<see cref="Frames"/>]</param>
    /// <param name="floor">Level of the quietest of the last seconds, in decibels.</param>
    /// <param name="features">[<see cref="Count"/>], filled.</param>
    public static void Compute(ReadOnlySpan<SpeechFrame> frames, float floor, Span<float> features)
    {
        var level = Statistic(frames, static frame => frame.Level);
        for (var band = 0; band < FrameAnalyzer.BandCount; band++)
        {
            var (sum, squares) = (0f, 0f);
            foreach (ref readonly var frame in frames)
            {
                var value = frame.Bands[band] - level.Mean;
                (sum, squares) = (sum + value, squares + (value * value));
            }

            var mean = sum / frames.Length;
            features[band] = mean;
            features[FrameAnalyzer.BandCount + band] = MathF.Sqrt(MathF.Max(0, (squares / frames.Length) - (mean * mean)));
        }

        var rest = features[(2 * FrameAnalyzer.BandCount)..];
        var harmonicity = Statistic(frames, static frame => frame.Harmonicity);
        var entropy = Statistic(frames, static frame => frame.Entropy);
        var (voiced, glides, frozen, jumps, moves) = Pitch(frames);
        rest[0] = level.Deviation;
        rest[1] = harmonicity.Mean;
        rest[2] = harmonicity.Deviation;
        rest[3] = entropy.Mean;
        rest[4] = entropy.Deviation;
        rest[5] = voiced;
        rest[6] = glides;
        rest[7] = frozen;
        rest[8] = jumps;
        rest[9] = moves;
        (rest[10], rest[11]) = Flux(frames);
        rest[12] = Math.Clamp(level.Mean - floor, 0, 40) / 40;
        rest[13] = Range(frames) / 40;
    }

    static (float Mean, float Deviation) Statistic(ReadOnlySpan<SpeechFrame> frames, Func<SpeechFrame, float> value)
    {
        var (sum, squares) = (0f, 0f);
        foreach (ref readonly var frame in frames)
        {
            var one = value(frame);
            (sum, squares) = (sum + one, squares + (one * one));
        }

        var mean = sum / frames.Length;
        return (mean, MathF.Sqrt(MathF.Max(0, (squares / frames.Length) - (mean * mean))));
    }

    /// <summary>Shares of frames that are voiced, whose pitch glides, stands still, jumps; and how far it moves in all.</summary>
    static (float Voiced, float Glides, float Frozen, float Jumps, float Moves) Pitch(ReadOnlySpan<SpeechFrame> frames)
    {
        var (voiced, glides, frozen, jumps, moves) = (0, 0, 0, 0, 0f);
        for (var i = 0; i < frames.Length; i++)
        {
            if (frames[i].Harmonicity < Voiced)
            {
                continue;
            }

            voiced++;
            if (i == 0 || frames[i - 1].Harmonicity < Voiced)
            {
                continue;
            }

            var step = MathF.Abs(frames[i].LogPeriod - frames[i - 1].LogPeriod);
            if (step > MaxGlide)
            {
                jumps++;
            }
            else if (step > FrozenPitch)
            {
                glides++;
                moves += step;
            }
            else
            {
                frozen++;
            }
        }

        var all = (float)frames.Length;
        return (voiced / all, glides / all, frozen / all, jumps / all, moves);
    }

    /// <summary>How much the shape of the spectrum changes in 30 ms, and how evenly.</summary>
    static (float Mean, float Deviation) Flux(ReadOnlySpan<SpeechFrame> frames)
    {
        var (sum, squares, count) = (0f, 0f, frames.Length - FluxDistance);
        for (var i = FluxDistance; i < frames.Length; i++)
        {
            var change = 0f;
            for (var band = 0; band < FrameAnalyzer.BandCount; band++)
            {
                change += MathF.Abs(
                    frames[i].Bands[band] - frames[i].Level - frames[i - FluxDistance].Bands[band] + frames[i - FluxDistance].Level);
            }

            change /= FrameAnalyzer.BandCount;
            (sum, squares) = (sum + change, squares + (change * change));
        }

        var mean = sum / count;
        return (mean, MathF.Sqrt(MathF.Max(0, (squares / count) - (mean * mean))));
    }

    static float Range(ReadOnlySpan<SpeechFrame> frames)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (ref readonly var frame in frames)
        {
            (low, high) = (MathF.Min(low, frame.Level), MathF.Max(high, frame.Level));
        }

        return high - low;
    }
}
