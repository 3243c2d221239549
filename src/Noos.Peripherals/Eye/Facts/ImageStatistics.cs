using Noos.Media.Images;

namespace Noos.Peripherals.Eye.Facts;

/// <summary>
/// What neighbouring pixels of a picture have in common, measured at its own size (a smaller one has no fine strokes and no noise) on at
/// most some hundred thousand pairs, spread evenly.
/// </summary>
/// <param name="Range">Largest difference of a channel anywhere, 0 to 255.</param>
/// <param name="Same">Share of neighbours that are the same, to the bit: drawn and not taken.</param>
/// <param name="Flat">Share of neighbours that are about the same, up to what JPEG changes in a flat area.</param>
/// <param name="Sharp">Share of neighbours that differ strongly.</param>
/// <param name="Roughness">Mean difference of neighbours by that of pixels far apart: about 1 for noise.</param>
/// <param name="Ground">Share of the most frequent colour (of 4,096).</param>
/// <param name="Colours">Number of colours (of 4,096) that have at least a thousandth of the samples.</param>
/// <param name="RowEdges">Share of sampled rows with at least eight sharp edges: text has many, an outline few.</param>
/// <param name="IsSmooth">All of it is one even change of colours: its curvature is that of rounding.</param>
sealed record ImageStatistics(
    double Range, double Same, double Flat, double Sharp, double Roughness, double Ground, int Colours, double RowEdges, bool IsSmooth)
{
    const int MaxRows = 384;
    const int MaxColumns = 640;
    const int SameDifference = 4;
    const int SharpDifference = 60;
    const int MinEdgesOfText = 8;

    const int CurvatureStep = 8;
    const int MaxCurvature = 10;

    /// <summary>Measures opaque pixels.</summary>
    /// <param name="pixels">At their own size.</param>
    /// <param name="small">The same, of about a hundred pixels in each direction.</param>
    public static ImageStatistics Measure(ImagePixels pixels, ImagePixels small)
    {
        var (rows, columns) = (Math.Min(MaxRows, pixels.Height), Math.Min(MaxColumns, pixels.Width));
        var colours = new int[4096];
        Span<int> low = [255, 255, 255];
        Span<int> high = [0, 0, 0];
        long pairs = 0, same = 0, flat = 0, sharp = 0, near = 0, far = 0, edgedRows = 0;
        for (var row = 0; row < rows; row++)
        {
            var y = (int)((long)row * pixels.Height / rows);
            // Half of the picture away, in both directions: what has nothing to do with this place.
            var farY = (y + (pixels.Height / 2)) % pixels.Height;
            var edges = 0;
            for (var column = 0; column < columns; column++)
            {
                var x = (int)((long)column * pixels.Width / columns);
                var here = pixels[x, y];
                for (var channel = 0; channel < 3; channel++)
                {
                    low[channel] = Math.Min(low[channel], here[channel]);
                    high[channel] = Math.Max(high[channel], here[channel]);
                }

                colours[((here[0] >> 4) << 8) | ((here[1] >> 4) << 4) | (here[2] >> 4)]++;
                far += Difference(here, pixels[(x + (pixels.Width / 2)) % pixels.Width, farY]);
                var right = x + 1 < pixels.Width ? Difference(here, pixels[x + 1, y]) : 0;
                var below = y + 1 < pixels.Height ? Difference(here, pixels[x, y + 1]) : 0;
                near += right + below;
                pairs += 2;
                same += (right == 0 ? 1 : 0) + (below == 0 ? 1 : 0);
                flat += (right <= SameDifference ? 1 : 0) + (below <= SameDifference ? 1 : 0);
                sharp += (right >= SharpDifference ? 1 : 0) + (below >= SharpDifference ? 1 : 0);
                edges += right >= SharpDifference ? 1 : 0;
            }

            edgedRows += edges >= MinEdgesOfText ? 1 : 0;
        }

        var samples = (double)rows * columns;
        return new ImageStatistics(
            Math.Max(high[0] - low[0], Math.Max(high[1] - low[1], high[2] - low[2])), same / (double)pairs, flat / (double)pairs,
            sharp / (double)pairs,
            near / 2.0 / Math.Max(1, far), colours.Max() / samples, colours.Count(count => count >= samples / 1000 && count > 0),
            edgedRows / (double)rows, IsEven(small));
    }

    static bool IsEven(ImagePixels small)
    {
        for (var y = 0; y < small.Height; y++)
        {
            for (var x = 0; x < small.Width; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var here = 2 * small[x, y][channel];
                    if ((x >= CurvatureStep && x + CurvatureStep < small.Width && Math.Abs(
                            small[x - CurvatureStep, y][channel] + small[x + CurvatureStep, y][channel] - here) > MaxCurvature)
                        || (y >= CurvatureStep && y + CurvatureStep < small.Height && Math.Abs(
                            small[x, y - CurvatureStep][channel] + small[x, y + CurvatureStep][channel] - here) > MaxCurvature))
                    {
                        return false;
                    }
                }
            }
        }

        return small.Width > 2 * CurvatureStep && small.Height > 2 * CurvatureStep;
    }

    static int Difference(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => Math.Max(
        Math.Abs(one[0] - other[0]), Math.Max(Math.Abs(one[1] - other[1]), Math.Abs(one[2] - other[2])));
}
