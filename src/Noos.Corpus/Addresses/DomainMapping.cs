using System.Collections.Frozen;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>
/// The mapping of UTS 46 (non-transitional): compatibility forms and cases become one, what is invisible goes, and base letters are
/// composed with their marks. The tables are those of Unicode 14, in which only what differs from lower case stands.
/// </summary>
static class DomainMapping
{
    static readonly Lazy<(FrozenDictionary<int, string> Map, FrozenDictionary<(int, int), int> Compositions)> s_tables = new(Read);

    /// <returns>Null where a character has no place in a name.</returns>
    public static string? Map(string domain)
    {
        var points = new List<int>(domain.Length);
        foreach (var rune in domain.EnumerateRunes())
        {
            if (s_tables.Value.Map.TryGetValue(rune.Value, out var mapped))
            {
                points.AddRange(mapped.EnumerateRunes().Select(one => one.Value));
            }
            else
            {
                points.Add(Rune.ToLowerInvariant(rune).Value);
            }
        }

        Compose(points);
        var result = new StringBuilder(points.Count);
        foreach (var point in points)
        {
            if (point == Rune.ReplacementChar.Value)
            {
                return null;
            }

            result.Append(new Rune(point).ToString());
        }

        return result.ToString();
    }

    static void Compose(List<int> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            if (Compose(points[i - 1], points[i]) is { } composed)
            {
                points[i - 1] = composed;
                points.RemoveAt(i--);
                i = Math.Max(i, 0);
            }
        }
    }

    static int? Compose(int first, int second)
    {
        // Hangul: a leading consonant, a vowel, a trailing consonant (Unicode, 3.12).
        const int Leading = 0x1100;
        const int Vowel = 0x1161;
        const int Trailing = 0x11A7;
        const int Syllable = 0xAC00;
        if (first is >= Leading and < Leading + 19 && second is >= Vowel and < Vowel + 21)
        {
            return Syllable + ((((first - Leading) * 21) + second - Vowel) * 28);
        }

        if (first is >= Syllable and < Syllable + 11172 && (first - Syllable) % 28 == 0 && second is > Trailing and < Trailing + 28)
        {
            return first + second - Trailing;
        }

        return s_tables.Value.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    static (FrozenDictionary<int, string> Map, FrozenDictionary<(int, int), int> Compositions) Read()
    {
        using var resource = typeof(DomainMapping).Assembly.GetManifestResourceStream("Noos.Corpus.Addresses.domains.bin")!;
        using var reader = new StreamReader(new DeflateStream(resource, CompressionMode.Decompress), Encoding.UTF8);
        var map = new Dictionary<int, string>();
        var compositions = new Dictionary<(int, int), int>();
        var lines = reader.ReadToEnd().Split('\n');
        var at = 0;
        for (; lines[at].Length > 0; at++)
        {
            var equals = lines[at].IndexOf('=', StringComparison.Ordinal);
            var point = int.Parse(lines[at].AsSpan(0, equals), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            map.Add(point, lines[at][(equals + 1)..]);
        }

        foreach (var line in lines.AsSpan(at + 1))
        {
            if (line.EnumerateRunes().Select(rune => rune.Value).ToArray() is [var first, var second, var composed])
            {
                compositions.Add((first, second), composed);
            }
        }

        return (map.ToFrozenDictionary(), compositions.ToFrozenDictionary());
    }
}
