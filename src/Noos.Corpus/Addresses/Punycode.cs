using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>Unicode in letters, digits and hyphens (RFC 3492).</summary>
static class Punycode
{
    const int Base = 36;
    const int MinThreshold = 1;
    const int MaxThreshold = 26;
    const int InitialBias = 72;
    const int InitialCode = 128;

    // Domain names have at most 255; what is longer is decoded in quadratic time.
    const int MaxLength = 4096;

    /// <returns>Null where the label is too long.</returns>
    public static string? Encode(string label)
    {
        var points = label.EnumerateRunes().Select(rune => rune.Value).ToArray();
        if (points.Length > MaxLength)
        {
            return null;
        }

        var result = new StringBuilder();
        foreach (var point in points)
        {
            if (point < InitialCode)
            {
                result.Append((char)point);
            }
        }

        var (basic, code, delta, bias) = (result.Length, InitialCode, 0L, InitialBias);
        var handled = basic;
        if (basic > 0)
        {
            result.Append('-');
        }

        while (handled < points.Length)
        {
            var next = points.Where(point => point >= code).Min();
            delta += (long)(next - code) * (handled + 1);
            code = next;
            foreach (var point in points)
            {
                if (point < code)
                {
                    delta++;
                }
                else if (point == code)
                {
                    var rest = delta;
                    for (var position = Base; ; position += Base)
                    {
                        var threshold = Threshold(position, bias);
                        if (rest < threshold)
                        {
                            break;
                        }

                        result.Append(Digit((int)(threshold + ((rest - threshold) % (Base - threshold)))));
                        rest = (rest - threshold) / (Base - threshold);
                    }

                    result.Append(Digit((int)rest));
                    bias = Adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            code++;
        }

        return result.ToString();
    }

    /// <returns>Null where it is no punycode.</returns>
    public static string? Decode(string text)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        var end = text.LastIndexOf('-');
        var points = new List<int>(text[..Math.Max(0, end)].Select(letter => (int)letter));
        var (code, bias, position) = (InitialCode, InitialBias, 0L);
        for (var at = end + 1; at < text.Length;)
        {
            var (start, weight) = (position, 1L);
            for (var step = Base; ; step += Base)
            {
                var digit = at < text.Length ? Value(text[at++]) : -1;
                if (digit < 0)
                {
                    return null;
                }

                position += digit * weight;
                var threshold = Threshold(step, bias);
                if (digit < threshold)
                {
                    break;
                }

                weight *= Base - threshold;
                if (position > int.MaxValue || weight > int.MaxValue)
                {
                    return null;
                }
            }

            bias = Adapt(position - start, points.Count + 1, start == 0);
            var sum = code + (position / (points.Count + 1));
            if (sum > 0x10FFFF || !Rune.IsValid((int)sum))
            {
                return null;
            }

            code = (int)sum;
            position %= points.Count + 1;
            points.Insert((int)position++, code);
        }

        return string.Concat(points.Select(point => new Rune(point).ToString()));
    }

    static int Threshold(int position, int bias) => Math.Clamp(position - bias, MinThreshold, MaxThreshold);

    static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    static int Value(char digit) => digit switch
    {
        >= 'a' and <= 'z' => digit - 'a',
        >= 'A' and <= 'Z' => digit - 'A',
        >= '0' and <= '9' => digit - '0' + 26,
        _ => -1,
    };

    static int Adapt(long delta, int count, bool isFirst)
    {
        delta = isFirst ? delta / 700 : delta / 2;
        delta += delta / count;
        var shift = 0;
        while (delta > (Base - MinThreshold) * MaxThreshold / 2)
        {
            delta /= Base - MinThreshold;
            shift += Base;
        }

        return shift + (int)((Base - MinThreshold + 1) * delta / (delta + 38));
    }
}
