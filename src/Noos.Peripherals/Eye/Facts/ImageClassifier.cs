namespace Noos.Peripherals.Eye.Facts;

/// <summary>
/// Tells the sort of a picture from its statistics: rules, in the order in which they are certain, with bounds that were set on some
/// hundred photographs, drawings and screenshots. The confidence grows with the distance of the deciding number from its bound, and is
/// never above nine tenths where pictures of both sorts are near it.
/// </summary>
static class ImageClassifier
{
    const int SmallestScreen = 160 * 120;
    const int SmallestNoise = 32 * 32;
    const double Most = 0.9;

    /// <param name="statistics">Of the picture at its own size.</param>
    /// <param name="pixels">Width times height.</param>
    public static (ImageKind Kind, double Confidence) Classify(ImageStatistics statistics, long pixels)
    {
        if (statistics.Range <= 12)
        {
            return (ImageKind.Blank, statistics.Range <= 4 ? 1 : 0.95);
        }

        if (statistics is { Roughness: > 0.7, Flat: < 0.15, Range: >= 100 } && pixels >= SmallestNoise)
        {
            return (ImageKind.Noise, Beyond(statistics.Roughness, 0.7, 0.2));
        }

        if (statistics is { IsSmooth: true, Sharp: < 0.0005 })
        {
            return (ImageKind.Gradient, Most);
        }

        // Fine strokes in many rows, on a ground that has much of the picture, compressed or not.
        if (pixels >= SmallestScreen
            && statistics is { RowEdges: > 0.12, Flat: > 0.85, Sharp: > 0.01 } and ({ Ground: > 0.35 } or { Ground: > 0.2, Same: > 0.62 }))
        {
            return (ImageKind.Screenshot, Beyond(statistics.RowEdges, 0.12, 0.3));
        }

        // What a camera takes has grain everywhere: neighbours are about the same, and seldom to the bit.
        return statistics.Same > 0.72 || statistics is { Same: > 0.62, Sharp: > 0.002 }
            ? (ImageKind.Graphic, Beyond(statistics.Same, 0.62, 0.3))
            : (ImageKind.Photograph, Beyond(0.62 - statistics.Same, 0, 0.4));
    }

    /// <summary>From 0.5 at the bound to the most at a width beyond it.</summary>
    static double Beyond(double value, double bound, double width) =>
        0.5 + (Math.Clamp((value - bound) / width, 0, 1) * (Most - 0.5));
}
