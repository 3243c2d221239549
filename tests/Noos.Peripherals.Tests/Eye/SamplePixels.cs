using Noos.Media.Images;
using ZXing;
using ZXing.Common;

namespace Noos.Peripherals.Tests.Eye;

/// <summary>Pictures of each sort, drawn from a seed.</summary>
static class SamplePixels
{
    public static ImagePixels Paint(int width, int height, Func<int, int, (int Red, int Green, int Blue)> paint)
    {
        var pixels = new ImagePixels(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (red, green, blue) = paint(x, y);
                ((ReadOnlySpan<byte>)[Clamp(red), Clamp(green), Clamp(blue), 255]).CopyTo(pixels.Rgba.AsSpan(((y * width) + x) * 4));
            }
        }

        return pixels;

        static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
    }

    public static ImagePixels Blank() => Paint(200, 150, (_, _) => (30, 90, 200));

    public static ImagePixels Noise(int seed)
    {
        var random = new Random(seed);
        return Paint(200, 150, (_, _) => (random.Next(256), random.Next(256), random.Next(256)));
    }

    public static ImagePixels Gradient() => Paint(256, 200, (x, y) => (x, 128, 255 - y));

    /// <summary>Shapes of a few colours on a ground.</summary>
    public static ImagePixels Drawing(int seed)
    {
        var random = new Random(seed);
        var shapes = Enumerable.Range(0, 5).Select(_ => (
            X: random.Next(300), Y: random.Next(200), Radius: random.Next(20, 60),
            Colour: (random.Next(256), random.Next(256), random.Next(256)))).ToArray();
        return Paint(300, 200, (x, y) => shapes
            .Where(shape => ((x - shape.X) * (x - shape.X)) + ((y - shape.Y) * (y - shape.Y)) < shape.Radius * shape.Radius)
            .Select(shape => shape.Colour).FirstOrDefault((250, 250, 250)));
    }

    /// <summary>Rows of strokes as wide as those of letters.</summary>
    public static ImagePixels Page(int seed)
    {
        var random = new Random(seed);
        var strokes = Enumerable.Range(0, 640 * 60).Select(_ => random.Next(3) == 0).ToArray();
        return Paint(640, 480, (x, y) => x is > 40 and < 600 && y % 20 < 11 && y is > 30 and < 450 && strokes[(y / 20 * 640) + (x / 2)]
            ? (20, 20, 30) : (255, 255, 255));
    }

    /// <summary>Light and texture that change everywhere, with the grain of a sensor.</summary>
    public static ImagePixels Photograph(int seed)
    {
        var random = new Random(seed);
        var waves = Enumerable.Range(0, 24).Select(index => (
            X: (random.NextDouble() - 0.5) * (index + 1) / 20, Y: (random.NextDouble() - 0.5) * (index + 1) / 20,
            Phase: random.NextDouble() * 6, Height: 60.0 / (1 + (index / 2)))).ToArray();
        return Paint(480, 360, (x, y) =>
        {
            var light = 120 + waves.Sum(wave => wave.Height * Math.Sin((x * wave.X) + (y * wave.Y) + wave.Phase));
            return ((int)light + random.Next(-7, 8), (int)(light * 0.8) + random.Next(-7, 8), (int)(light * 0.5) + random.Next(-7, 8));
        });
    }

    /// <summary>A code in the middle of a larger picture.</summary>
    public static ImagePixels Code(BarcodeFormat format, string text, bool isInverted = false)
    {
        var isSquare = format is BarcodeFormat.QR_CODE or BarcodeFormat.DATA_MATRIX or BarcodeFormat.AZTEC;
        var matrix = new BarcodeWriterGeneric
        {
            Format = format,
            Options = new EncodingOptions { Width = isSquare ? 160 : 300, Height = isSquare ? 160 : 80, Margin = 12 },
        }.Encode(text);
        return Paint(480, 320, (x, y) =>
        {
            var (column, row) = (x - ((480 - matrix.Width) / 2), y - ((320 - matrix.Height) / 2));
            var isDark = column >= 0 && row >= 0 && column < matrix.Width && row < matrix.Height && matrix[column, row];
            return isDark != isInverted ? (10, 10, 10) : (250, 250, 250);
        });
    }
}
