namespace Noos.Testing;

/// <summary>
/// Sounds in which nobody speaks, at 16 kHz: what surrounds a microphone, and what instruments and devices play. Everything about a sound
/// comes from its seed.
/// </summary>
public static class SyntheticSound
{
    public const int SampleRate = 16_000;

    static readonly (string Name, Action<float[], Random> Make)[] s_kinds =
    [
        ("silence", Silence),
        ("white noise", (samples, random) => Noise(samples, random, 0, Level(random, -60, -6))),
        ("coloured noise", ColouredNoise),
        ("fan", Fan),
        ("rain", Rain),
        ("waves", Waves),
        ("tone", Tone),
        ("ringing", Ringing),
        ("dialling", Dialling),
        ("siren", Siren),
        ("melody", Melody),
        ("chords", Chords),
        ("drums", Drums),
        ("band", Band),
        ("clicks", Clicks),
        ("engine", Engine),
        ("birds", Birds),
        ("bells", Bells),
        ("static", Static),
        ("strings", Strings),
    ];

    /// <summary>Names of the kinds of sounds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. s_kinds.Select(kind => kind.Name)];

    /// <summary>Makes a sound.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="seed">Decides everything else.</param>
    public static float[] Create(string kind, double seconds, int seed)
    {
        var samples = new float[(int)(seconds * SampleRate)];
        s_kinds.First(known => known.Name == kind).Make(samples, new Random((seed * 7919) + kind.Length));
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = Math.Clamp(samples[i], -1, 1);
        }

        return samples;
    }

    /// <summary>Adds noise of any colour to samples.</summary>
    /// <param name="samples">Changed in place.</param>
    /// <param name="decibels">Level of the noise relative to full scale.</param>
    /// <param name="seed">Decides its colour.</param>
    public static void AddNoise(Span<float> samples, double decibels, int seed)
    {
        var random = new Random(seed);
        var noise = new float[samples.Length];
        Noise(noise, random, random.NextDouble(), 1);
        var level = Math.Sqrt(noise.Average(value => (double)value * value));
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] += (float)(noise[i] / level * Math.Pow(10, decibels / 20));
        }
    }

    static void Silence(float[] samples, Random random)
    {
        // Digital silence, or the last bits of a converter.
        if (random.Next(2) == 0)
        {
            Noise(samples, random, 0, Level(random, -96, -70));
        }
    }

    static void ColouredNoise(float[] samples, Random random)
    {
        Noise(samples, random, 0.5 + (random.NextDouble() / 2), Level(random, -50, -8));
        Swell(samples, random, random.NextDouble() * 0.8, 0.1 + (3 * random.NextDouble()));
    }

    static void Fan(float[] samples, Random random)
    {
        Noise(samples, random, 0.9, Level(random, -45, -15));
        var hum = 45 + (80 * random.NextDouble());
        for (var harmonic = 1; harmonic <= 6; harmonic++)
        {
            AddTone(samples, 0, samples.Length, hum * harmonic, Level(random, -60, -25) / harmonic, random);
        }
    }

    static void Rain(float[] samples, Random random)
    {
        Noise(samples, random, 0.2, Level(random, -60, -35));
        for (var drops = samples.Length / 40; drops > 0; drops--)
        {
            AddBurst(samples, random.Next(samples.Length), 0.001 + (0.004 * random.NextDouble()), Level(random, -50, -15), random);
        }
    }

    static void Waves(float[] samples, Random random)
    {
        Noise(samples, random, 0.7, Level(random, -35, -8));
        Swell(samples, random, 0.95, 0.08 + (0.5 * random.NextDouble()));
    }

    static void Tone(float[] samples, Random random)
    {
        AddTone(samples, 0, samples.Length, 60 * Math.Pow(60, random.NextDouble()), Level(random, -40, -3), random);
        if (random.Next(2) == 0)
        {
            Noise(samples, random, 0, Level(random, -70, -40), isAdded: true);
        }
    }

    static void Ringing(float[] samples, Random random)
    {
        var (low, high, level) = (350 + (200 * random.NextDouble()), 440 + (900 * random.NextDouble()), Level(random, -30, -5));
        var (on, off, trill) = (0.2 + (1.8 * random.NextDouble()), 0.2 + (3 * random.NextDouble()), 15 + (20 * random.NextDouble()));
        for (var at = 0.2; at * SampleRate < samples.Length; at += on + off)
        {
            for (var (part, end) = (at, at + on); part < end; part += 1 / trill)
            {
                var frequency = (int)((part - at) * trill) % 2 == 0 ? low : high;
                AddNote(samples, part, 1 / trill, [(frequency, level)], random, attack: 0.002);
            }
        }
    }

    static void Dialling(float[] samples, Random random)
    {
        (double, double)[] keys = [(697, 1209), (770, 1336), (852, 1477), (941, 1336), (697, 1477), (425, 425), (350, 440)];
        var level = Level(random, -25, -5);
        for (var at = 0.1; at * SampleRate < samples.Length;)
        {
            var (low, high) = keys[random.Next(keys.Length)];
            var length = 0.06 + (0.4 * random.NextDouble());
            AddNote(samples, at, length, [(low, level), (high, level)], random, attack: 0.003);
            at += length + 0.05 + (0.5 * random.NextDouble());
        }
    }

    static void Siren(float[] samples, Random random)
    {
        var (low, high, period) = (300 + (400 * random.NextDouble()), 800 + (800 * random.NextDouble()), 0.3 + (4 * random.NextDouble()));
        var (phase, level, harmonics) = (0d, Level(random, -25, -5), 1 + random.Next(5));
        for (var i = 0; i < samples.Length; i++)
        {
            var turn = i / (double)SampleRate / period % 1;
            phase += 2 * Math.PI * (low + ((high - low) * (turn < 0.5 ? 2 * turn : 2 - (2 * turn)))) / SampleRate;
            for (var harmonic = 1; harmonic <= harmonics; harmonic++)
            {
                samples[i] += (float)(level / harmonic * Math.Sin(harmonic * phase));
            }
        }
    }

    static void Melody(float[] samples, Random random) => Notes(samples, random, voices: 1, vibrato: random.Next(2) * 0.006);

    static void Chords(float[] samples, Random random) => Notes(samples, random, voices: 2 + random.Next(4), vibrato: 0);

    static void Strings(float[] samples, Random random) =>
        Notes(samples, random, voices: 1 + random.Next(3), vibrato: 0.003 + (0.01 * random.NextDouble()), isSoft: true);

    static void Drums(float[] samples, Random random)
    {
        var beat = 0.15 + (0.4 * random.NextDouble());
        for (var at = 0.05; at * SampleRate < samples.Length; at += beat)
        {
            AddBurst(samples, (int)(at * SampleRate), 0.01 + (0.08 * random.NextDouble()), Level(random, -25, -5), random);
            if (random.Next(2) == 0)
            {
                AddNote(samples, at, 0.15, [(50 + (60 * random.NextDouble()), Level(random, -15, -3))], random, attack: 0.002, decay: 0.05);
            }
        }
    }

    static void Band(float[] samples, Random random)
    {
        Drums(samples, random);
        Notes(samples, random, voices: 3, vibrato: 0);
        Notes(samples, random, voices: 1, vibrato: 0.004);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] *= 0.5f;
        }
    }

    static void Clicks(float[] samples, Random random)
    {
        Noise(samples, random, 0.6, Level(random, -75, -50));
        for (var at = 0.1; at * SampleRate < samples.Length; at += 0.05 + (0.4 * random.NextDouble() * random.NextDouble()))
        {
            AddBurst(samples, (int)(at * SampleRate), 0.002 + (0.01 * random.NextDouble()), Level(random, -35, -8), random);
            AddBurst(samples, (int)((at + 0.08) * SampleRate), 0.002, Level(random, -45, -20), random);
        }
    }

    static void Engine(float[] samples, Random random)
    {
        var (phase, rate, level) = (0d, 20 + (60 * random.NextDouble()), Level(random, -25, -8));
        var wander = 0d;
        Noise(samples, random, 0.9, level / 4);
        for (var i = 0; i < samples.Length; i++)
        {
            wander = (wander * 0.9999) + ((random.NextDouble() - 0.5) * 0.0004);
            phase += rate * (1 + wander) / SampleRate;
            var pulse = Math.Exp(-30 * (phase % 1));
            samples[i] += (float)(level * (pulse - 0.03));
        }
    }

    static void Birds(float[] samples, Random random)
    {
        Noise(samples, random, 0.6, Level(random, -65, -45));
        for (var at = 0.2; at * SampleRate < samples.Length; at += 0.1 + (0.8 * random.NextDouble()))
        {
            var (from, to) = (1800 + (3500 * random.NextDouble()), 1800 + (3500 * random.NextDouble()));
            var length = 0.04 + (0.2 * random.NextDouble());
            var (phase, level, first) = (0d, Level(random, -35, -10), (int)(at * SampleRate));
            var count = (int)(length * SampleRate);
            for (var i = 0; i < count && first + i < samples.Length; i++)
            {
                var part = i / (double)count;
                phase += 2 * Math.PI * (from + ((to - from) * part)) / SampleRate;
                samples[first + i] += (float)(level * Math.Sin(Math.PI * part) * Math.Sin(phase));
            }
        }
    }

    static void Bells(float[] samples, Random random)
    {
        for (var at = 0.1; at * SampleRate < samples.Length; at += 0.4 + (2 * random.NextDouble()))
        {
            var pitch = 200 + (800 * random.NextDouble());
            var level = Level(random, -25, -8);
            AddNote(
                samples, at, 3, [.. new[] { 0.5, 1, 1.19, 1.56, 2, 2.51, 3.01 }.Select(part => (pitch * part, level / (1 + part)))], random,
                attack: 0.002, decay: 0.5 + random.NextDouble());
        }
    }

    static void Static(float[] samples, Random random)
    {
        Noise(samples, random, 0, Level(random, -40, -15));
        // Bits of it drop out, at the pace of syllables.
        for (var at = 0.0; at * SampleRate < samples.Length;)
        {
            var (first, count) = ((int)(at * SampleRate), (int)((0.02 + (0.2 * random.NextDouble())) * SampleRate));
            var factor = random.Next(2) == 0 ? 0.02f : 1f;
            for (var i = first; i < Math.Min(first + count, samples.Length); i++)
            {
                samples[i] *= factor;
            }

            at += (double)count / SampleRate;
        }
    }

    static void Notes(float[] samples, Random random, int voices, double vibrato, bool isSoft = false)
    {
        int[] scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16];
        var (root, level, harmonics) = (100 * Math.Pow(4, random.NextDouble()), Level(random, -28, -8), 1 + random.Next(12));
        var (fall, pace) = (0.5 + (2 * random.NextDouble()), 0.08 + (0.9 * random.NextDouble()));
        for (var at = 0.05; at * SampleRate < samples.Length;)
        {
            var length = pace * (random.Next(4) == 0 ? 2 : 1);
            for (var voice = 0; voice < voices; voice++)
            {
                var pitch = root * Math.Pow(2, scale[random.Next(scale.Length)] / 12.0);
                AddNote(
                    samples, at, length * 0.95,
                    [.. Enumerable.Range(1, harmonics).Select(n => (pitch * n, level / Math.Pow(n, fall) / voices))], random,
                    attack: isSoft ? 0.08 : 0.01, decay: isSoft ? 10 : 0.2 + random.NextDouble(), vibrato);
            }

            at += random.Next(8) == 0 ? length * 2 : length;
        }
    }

    static void AddTone(float[] samples, int first, int end, double frequency, double level, Random random)
    {
        var phase = 2 * Math.PI * random.NextDouble();
        for (var i = first; i < end && frequency < SampleRate / 2.0; i++)
        {
            samples[i] += (float)(level * Math.Sin(phase + (2 * Math.PI * frequency * i / SampleRate)));
        }
    }

    static void AddNote(
        float[] samples, double at, double length, (double Frequency, double Level)[] partials, Random random, double attack = 0.01,
        double decay = 10, double vibrato = 0)
    {
        var (first, count) = ((int)(at * SampleRate), (int)(length * SampleRate));
        var phases = Array.ConvertAll(partials, _ => 2 * Math.PI * random.NextDouble());
        var rate = 4 + (3 * random.NextDouble());
        for (var i = 0; i < count && first + i < samples.Length; i++)
        {
            var time = i / (double)SampleRate;
            var envelope = Math.Min(1, time / attack) * Math.Exp(-time / decay) * Math.Min(1, (length - time) / 0.01);
            var bend = 1 + (vibrato * Math.Sin(2 * Math.PI * rate * time));
            for (var partial = 0; partial < partials.Length; partial++)
            {
                if (partials[partial].Frequency < SampleRate / 2.0)
                {
                    phases[partial] += 2 * Math.PI * partials[partial].Frequency * bend / SampleRate;
                    samples[first + i] += (float)(envelope * partials[partial].Level * Math.Sin(phases[partial]));
                }
            }
        }
    }

    static void AddBurst(float[] samples, int first, double decay, double level, Random random)
    {
        var count = (int)(5 * decay * SampleRate);
        for (var i = 0; i < count && first + i < samples.Length; i++)
        {
            samples[first + i] += (float)(level * Math.Exp(-i / (decay * SampleRate)) * ((2 * random.NextDouble()) - 1));
        }
    }

    /// <summary>Noise through a low-pass filter of one pole: 0 is white, 1 nearly brown.</summary>
    static void Noise(float[] samples, Random random, double colour, double level, bool isAdded = false)
    {
        var (pole, state) = (colour * 0.98, 0d);
        for (var i = 0; i < samples.Length; i++)
        {
            state = (pole * state) + ((1 - pole) * ((2 * random.NextDouble()) - 1));
            var value = (float)(level * state / Math.Sqrt((1 - pole) / (1 + pole)));
            samples[i] = isAdded ? samples[i] + value : value;
        }
    }

    static void Swell(float[] samples, Random random, double depth, double rate)
    {
        var phase = 2 * Math.PI * random.NextDouble();
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] *= (float)(1 - (depth * 0.5 * (1 + Math.Sin(phase + (2 * Math.PI * rate * i / SampleRate)))));
        }
    }

    static double Level(Random random, double from, double to) => Math.Pow(10, (from + ((to - from) * random.NextDouble())) / 20);
}
