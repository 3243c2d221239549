using Noos.Media.Images;

namespace Noos.Peripherals.Eye.Facts;

/// <summary>
/// The colours that a picture mostly has, by the names that people use. A pixel gets the name of the nearest sample in Oklab (Ottosson,
/// 2020), where distances are about those that people see; a name may have several samples.
/// </summary>
static class ColourNames
{
    const double MinShare = 0.02;

    static readonly (string Name, int Rgb)[] s_samples =
    [
        ("black", 0x000000), ("black", 0x141414), ("dark gray", 0x404040), ("dark gray", 0x2A2A2A), ("dark gray", 0x565656),
        ("gray", 0x808080), ("gray", 0x6E6E6E), ("light gray", 0xC0C0C0), ("light gray", 0xAEAEAE), ("gray", 0x989898),
        ("light gray", 0xE2E2E2), ("light gray", 0xD3D3D3), ("white", 0xFFFFFF), ("white", 0xF4F4F4), ("red", 0xFF0000),
        ("red", 0xD21420), ("dark red", 0x8B0000), ("orange", 0xFF8C00), ("orange", 0xFFA500), ("brown", 0x8B4513),
        ("brown", 0x5C3A1E), ("brown", 0x8C6A50), ("brown", 0x402A18), ("beige", 0xC8B090), ("beige", 0xF5DEB3),
        ("beige", 0xD2B48C), ("yellow", 0xFFFF00), ("yellow", 0xF0D020), ("olive", 0x808000), ("green", 0x00C000),
        ("green", 0x2E8B57), ("green", 0x00FF00), ("light green", 0x90EE90), ("dark green", 0x006400), ("dark green", 0x2F4A2F),
        ("teal", 0x008080), ("cyan", 0x00FFFF), ("cyan", 0x20C8D8), ("light blue", 0xADD8E6), ("light blue", 0x87CEEB),
        ("blue", 0x0000FF), ("blue", 0x1E6FE0), ("blue", 0x4169E1), ("dark blue", 0x00008B), ("dark blue", 0x1A2B5C),
        ("purple", 0x800080), ("purple", 0x8A2BE2), ("magenta", 0xFF00FF), ("pink", 0xFFC0CB), ("pink", 0xFF69B4),
        ("lavender", 0xC8B4E6),
    ];

    static readonly (double L, double A, double B)[] s_points =
        [.. s_samples.Select(sample => ToOklab((byte)(sample.Rgb >> 16), (byte)(sample.Rgb >> 8), (byte)sample.Rgb))];

    /// <summary>The most frequent first; those with a share below 2% are left out.</summary>
    /// <param name="small">Opaque, of about a hundred pixels in each direction.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<ColourShare> Find(ImagePixels small, int count)
    {
        var found = new Dictionary<string, (long Count, long Red, long Green, long Blue)>(StringComparer.Ordinal);
        for (var y = 0; y < small.Height; y++)
        {
            for (var x = 0; x < small.Width; x++)
            {
                var pixel = small[x, y];
                var name = NameOf(pixel[0], pixel[1], pixel[2]);
                var sum = found.GetValueOrDefault(name);
                found[name] = (sum.Count + 1, sum.Red + pixel[0], sum.Green + pixel[1], sum.Blue + pixel[2]);
            }
        }

        double all = small.Width * small.Height;
        return
        [
            .. found.Where(pair => pair.Value.Count / all >= MinShare).OrderByDescending(pair => pair.Value.Count)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(count)
                .Select(pair => new ColourShare(
                    pair.Key, pair.Value.Count / all,
                    (int)((pair.Value.Red / pair.Value.Count << 16) | (pair.Value.Green / pair.Value.Count << 8)
                        | (pair.Value.Blue / pair.Value.Count)))),
        ];
    }

    /// <summary>The name of a colour.</summary>
    public static string NameOf(byte red, byte green, byte blue)
    {
        var (l, a, b) = ToOklab(red, green, blue);
        var (best, least) = (0, double.MaxValue);
        for (var index = 0; index < s_points.Length; index++)
        {
            var (sampleL, sampleA, sampleB) = s_points[index];
            // A shadow or a highlight keeps the name of its hue.
            var distance = (0.5 * (l - sampleL) * (l - sampleL)) + ((a - sampleA) * (a - sampleA)) + ((b - sampleB) * (b - sampleB));
            (best, least) = distance < least ? (index, distance) : (best, least);
        }

        return s_samples[best].Name;
    }

    static (double L, double A, double B) ToOklab(byte red, byte green, byte blue)
    {
        var (r, g, b) = (Linear(red), Linear(green), Linear(blue));
        var l = Math.Cbrt((0.4122214708 * r) + (0.5363325363 * g) + (0.0514459929 * b));
        var m = Math.Cbrt((0.2119034982 * r) + (0.6806995451 * g) + (0.1073969566 * b));
        var s = Math.Cbrt((0.0883024619 * r) + (0.2817188376 * g) + (0.6299787005 * b));
        return (
            (0.2104542553 * l) + (0.7936177850 * m) - (0.0040720468 * s),
            (1.9779984951 * l) - (2.4285922050 * m) + (0.4505937099 * s),
            (0.0259040371 * l) + (0.7827717662 * m) - (0.8086757660 * s));
    }

    static double Linear(byte value) => value / 255.0 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
}

/// <summary>A colour of a picture.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Share">Of the pixels, 0 to 1.</param>
/// <param name="Rgb">The mean of them, 0xRRGGBB.</param>
sealed record ColourShare(string Name, double Share, int Rgb);
