namespace Noos.Media.Encoders;

/// <summary>
/// MPEG-2 audio, layer III (ISO/IEC 13818-3): speech as clients expect it who ask for "mp3". One channel at 16, 22.05 or 24 kHz and a
/// constant rate, long blocks, one step of quantization for all lines of a frame; no psychoacoustics, for which speech at this rate
/// leaves no need. The patents on the format have run out.
/// </summary>
public sealed class Mp3Encoder : IAudioEncoder
{
    const int FrameLength = Layer3Filterbank.Lines;
    const int HeaderBits = 32 + 72;
    const int BitRateIndex = 10;
    const int BitsPerSecond = 96_000;

    // Beyond, the code has no values.
    const int MaxMagnitude = 8191;

    // global_gain at which a magnitude of one is the value one.
    const int UnitGain = 210;

    // Where the scale factor bands of long blocks begin (tables 2-B.8); only regions of code tables are made of them here.
    static readonly int[] s_bands22 =
        [0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 116, 140, 168, 200, 238, 284, 336, 396, 464, 522, 576];

    static readonly int[] s_bands24 =
        [0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 114, 136, 162, 194, 232, 278, 332, 394, 464, 540, 576];

    readonly int _rateIndex;
    readonly int _sampleRate;
    readonly int[] _bands;
    readonly Layer3Filterbank _filterbank = new();
    readonly List<float> _pending = [];
    readonly int[] _magnitudes = new int[FrameLength];
    readonly float[] _lines = new float[FrameLength];
    long _padding;

    /// <param name="sampleRate">One of <see cref="Rates"/>.</param>
    public Mp3Encoder(int sampleRate)
    {
        _rateIndex = Array.IndexOf(s_rates, sampleRate);
        if (_rateIndex < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "MPEG-2 has no such sample rate.");
        }

        _sampleRate = sampleRate;
        _bands = sampleRate == 24_000 ? s_bands24 : s_bands22;
    }

    // By the number that the header has.
    static readonly int[] s_rates = [22_050, 24_000, 16_000];

    /// <summary>Sample rates that can be written, in Hz.</summary>
    public static IReadOnlyList<int> Rates => s_rates;

    public AudioFormat Format => AudioFormat.Mp3;

    public byte[] Encode(ReadOnlySpan<float> samples)
    {
        _pending.AddRange(samples);
        var made = new List<byte>();
        var used = 0;
        for (; _pending.Count - used >= FrameLength; used += FrameLength)
        {
            made.AddRange(Frame(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending).Slice(used, FrameLength)));
        }

        _pending.RemoveRange(0, used);
        return [.. made];
    }

    /// <summary>The filters hold back two frames of sound, which silence pushes out.</summary>
    public byte[] Finish() => Encode(new float[(3 * FrameLength) - (_pending.Count % FrameLength)]);

    byte[] Frame(ReadOnlySpan<float> samples)
    {
        // Bits for a frame are no whole number of bytes: one more in some frames makes up for it.
        var exact = (FrameLength / 8L * BitsPerSecond) + _padding;
        var (bytes, rest) = ((int)(exact / _sampleRate), exact % _sampleRate);
        var isPadded = bytes > FrameLength / 8L * BitsPerSecond / _sampleRate;
        _padding = rest;
        _filterbank.Transform(samples, _lines);
        var layout = Quantize((bytes * 8) - HeaderBits, out var gain);
        var writer = new BitWriter();
        writer.Write(0x7FF, 11);

        // MPEG-2, layer III, no checksum.
        writer.Write(0b10_01_1, 5);
        writer.Write(BitRateIndex, 4);
        writer.Write(_rateIndex, 2);
        writer.Write(isPadded ? 1 : 0, 1);
        writer.Write(0, 1);

        // One channel; nobody's, and a copy.
        writer.Write(0b11_00_0_0_00, 8);
        WriteSideInformation(writer, layout, gain);
        WriteLines(writer, layout);
        while (writer.Bits < bytes * 8)
        {
            writer.Write(0, 1);
        }

        return writer.ToArray();
    }

    /// <summary>The finest step whose codes fit into a frame.</summary>
    Layout Quantize(int budget, out int gain)
    {
        // A larger gain is a coarser step. Halve the range until the smallest that fits is found.
        var (low, high) = (0, 255);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (TryQuantize(middle) && Measure().Bits <= budget)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        gain = low;
        TryQuantize(gain);
        return Measure();
    }

    bool TryQuantize(int gain)
    {
        var scale = MathF.Pow(2, -3f / 16 * (gain - UnitGain));
        for (var i = 0; i < FrameLength; i++)
        {
            // The power law of the format; 0.4054 instead of a half is what comes out right on average (annex C).
            var size = MathF.Abs(_lines[i]);
            var magnitude = (MathF.Sqrt(size * MathF.Sqrt(size)) * scale) + 0.4054f;
            if (!(magnitude <= MaxMagnitude))
            {
                return false;
            }

            _magnitudes[i] = (int)magnitude;
        }

        return true;
    }

    /// <summary>How the magnitudes are divided into regions with the tables that write them in the fewest bits.</summary>
    Layout Measure()
    {
        var end = FrameLength;
        while (end > 0 && _magnitudes[end - 1] == 0)
        {
            end--;
        }

        // From the top, as many fours of zeros and ones as there are.
        end += end % 2;
        var pairs = end;
        while (pairs >= 4 && _magnitudes.AsSpan(pairs - 4, 4).IndexOfAnyExceptInRange(0, 1) < 0)
        {
            pairs -= 4;
        }

        var quads = (end - pairs) / 4;
        var (plain, coded) = (0, 0);
        for (var i = pairs; i < end; i += 4)
        {
            var bits = QuadBits(i);
            var signs = int.PopCount(bits);
            plain += 4 + signs;
            coded += Layer3Codes.Quad(bits, false).Length + signs;
        }

        var best = new Layout(pairs, quads, plain < coded, 0, 0, [], int.MaxValue);
        Span<int> costs = stackalloc int[Layer3Codes.Pairs.Count];
        var regions = new Dictionary<(int, int), (int Table, int Bits)>();
        for (var first = 0; first < 16; first++)
        {
            for (var second = 0; second < 8; second++)
            {
                // Decoders do not agree on where band 18 begins at 24 kHz.
                var border = first + second + 2;
                if (border >= _bands.Length - 1 || border == 18 || first + 1 == 18)
                {
                    continue;
                }

                var (a, b) = (Math.Min(_bands[first + 1], pairs), Math.Min(_bands[border], pairs));
                var (one, two, three) = (
                    Cheapest(0, a, costs, regions), Cheapest(a, b, costs, regions), Cheapest(b, pairs, costs, regions));
                var bits = one.Bits + two.Bits + three.Bits + Math.Min(plain, coded);
                if (bits < best.Bits)
                {
                    best = best with { Region0 = first, Region1 = second, Tables = [one.Table, two.Table, three.Table], Bits = bits };
                }
            }
        }

        return best;
    }

    /// <summary>The table (its place in the list; -1 for none) that writes a region in the fewest bits.</summary>
    (int Table, int Bits) Cheapest(int start, int end, Span<int> costs, Dictionary<(int, int), (int Table, int Bits)> known)
    {
        if (known.TryGetValue((start, end), out var before))
        {
            return before;
        }

        var max = 0;
        for (var i = start; i < end; i++)
        {
            max = Math.Max(max, _magnitudes[i]);
        }

        var best = (Table: -1, Bits: 0);
        if (max > 0)
        {
            best.Bits = int.MaxValue;
            for (var table = 0; table < costs.Length; table++)
            {
                var codes = Layer3Codes.Pairs[table];
                if (codes.Max < max)
                {
                    continue;
                }

                var bits = 0;
                for (var i = start; i < end; i += 2)
                {
                    bits += codes.Cost(_magnitudes[i], _magnitudes[i + 1]);
                }

                best = bits < best.Bits ? (table, bits) : best;
            }
        }

        known.Add((start, end), best);
        return best;
    }

    static void WriteSideInformation(BitWriter writer, Layout layout, int gain)
    {
        // Main data begins here; private bit.
        writer.Write(0, 9);
        writer.Write(layout.Bits, 12);
        writer.Write(layout.Pairs / 2, 9);
        writer.Write(gain, 8);

        // No scale factors; one window.
        writer.Write(0, 10);
        foreach (var table in layout.Tables)
        {
            writer.Write(table < 0 ? 0 : Layer3Codes.Pairs[table].Number, 5);
        }

        writer.Write(layout.Region0, 4);
        writer.Write(layout.Region1, 3);
        writer.Write(0, 1);
        writer.Write(layout.IsPlain ? 1 : 0, 1);
    }

    void WriteLines(BitWriter writer, Layout layout)
    {
        int[] borders =
        [
            0, Math.Min(_bands[layout.Region0 + 1], layout.Pairs), Math.Min(_bands[layout.Region0 + layout.Region1 + 2], layout.Pairs),
            layout.Pairs,
        ];
        for (var region = 0; region < layout.Tables.Length; region++)
        {
            if (layout.Tables[region] < 0)
            {
                continue;
            }

            var table = Layer3Codes.Pairs[layout.Tables[region]];
            for (var i = borders[region]; i < borders[region + 1]; i += 2)
            {
                var (first, second) = (_magnitudes[i], _magnitudes[i + 1]);
                var (length, code) = table.Entries[
                    (Math.Min(first, Layer3Codes.Escape) * table.Side) + Math.Min(second, Layer3Codes.Escape)];
                writer.Write(code, length);
                WriteRest(first, i);
                WriteRest(second, i + 1);
            }

            void WriteRest(int magnitude, int line)
            {
                if (table.MoreBits > 0 && magnitude >= Layer3Codes.Escape)
                {
                    writer.Write(magnitude - Layer3Codes.Escape, table.MoreBits);
                }

                WriteSign(magnitude, line);
            }
        }

        for (var i = layout.Pairs; i < layout.Pairs + (4 * layout.Quads); i += 4)
        {
            var (length, code) = Layer3Codes.Quad(QuadBits(i), layout.IsPlain);
            writer.Write(code, length);
            for (var line = i; line < i + 4; line++)
            {
                WriteSign(_magnitudes[line], line);
            }
        }

        void WriteSign(int magnitude, int line)
        {
            if (magnitude > 0)
            {
                writer.Write(_lines[line] < 0 ? 1 : 0, 1);
            }
        }
    }

    int QuadBits(int line) =>
        (_magnitudes[line] << 3) | (_magnitudes[line + 1] << 2) | (_magnitudes[line + 2] << 1) | _magnitudes[line + 3];

    /// <summary>How the lines of a frame are written.</summary>
    /// <param name="Pairs">Lines that are written in pairs.</param>
    /// <param name="Quads">Fours of zeros and ones behind them.</param>
    /// <param name="IsPlain">Whether the fours are plain bits.</param>
    /// <param name="Region0">Bands of the first region, less one.</param>
    /// <param name="Region1">Bands of the second region, less one.</param>
    /// <param name="Tables">Places in the list of tables, by region.</param>
    /// <param name="Bits">All of it.</param>
    sealed record Layout(int Pairs, int Quads, bool IsPlain, int Region0, int Region1, int[] Tables, int Bits);
}
