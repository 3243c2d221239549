using System.Numerics;

namespace Noos.Media.Images;

/// <summary>Decoded pixels: rows from the top, four bytes each (red, green, blue, alpha; not premultiplied; sRGB).</summary>
/// <param name="width">Pixels of a row.</param>
/// <param name="height">Rows.</param>
public sealed class ImagePixels(int width, int height)
{
    const int Channels = 4;

    public int Width => width;

    public int Height => height;

    /// <summary>[height, width, 4]</summary>
    public byte[] Rgba { get; } = new byte[checked(width * height * Channels)];

    /// <summary>The pixel of a column and a row.</summary>
    public ReadOnlySpan<byte> this[int x, int y] => Rgba.AsSpan(((y * width) + x) * Channels, Channels);

    /// <summary>A part of it.</summary>
    /// <param name="left">First column.</param>
    /// <param name="top">First row.</param>
    /// <param name="columns">At least 1; all within the picture.</param>
    /// <param name="rows">At least 1; all within the picture.</param>
    public ImagePixels Crop(int left, int top, int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, height - top);
        var part = new ImagePixels(columns, rows);
        for (var y = 0; y < rows; y++)
        {
            Rgba.AsSpan((((top + y) * width) + left) * Channels, columns * Channels).CopyTo(part.Rgba.AsSpan(y * columns * Channels));
        }

        return part;
    }

    /// <summary>It at a size: mean of the area where it becomes smaller, linear between pixels where it becomes larger.</summary>
    public ImagePixels Resize(int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (columns == width && rows == height)
        {
            return this;
        }

        var resized = new ImagePixels(columns, rows);
        var isSmaller = columns <= width && rows <= height;
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                var colour = isSmaller ? Mean(x, y, columns, rows) : Between(x, y, columns, rows);
                Write(resized.Rgba.AsSpan(((y * columns) + x) * Channels), colour);
            }
        }

        return resized;
    }

    /// <summary>It with its longer side of at most so many pixels.</summary>
    public ImagePixels Fit(int maxSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSide, 1);
        var longer = Math.Max(width, height);
        return longer <= maxSide ? this : Resize(
            Math.Max(1, (int)((long)width * maxSide / longer)), Math.Max(1, (int)((long)height * maxSide / longer)));
    }

    /// <summary>
    /// It without transparency: on white, or on black where what is opaque is so bright that white would swallow it.
    /// </summary>
    public ImagePixels Flatten()
    {
        double bright = 0, opaque = 0;
        for (var at = 0; at < Rgba.Length; at += Channels)
        {
            var alpha = Rgba[at + 3];
            bright += alpha * (Rgba[at] + Rgba[at + 1] + Rgba[at + 2]);
            opaque += alpha;
        }

        if (opaque == 255.0 * width * height)
        {
            return this;
        }

        const double Swallowed = 3 * 235;
        var ground = opaque > 0 && bright / opaque > Swallowed ? 0 : 255;
        var flat = new ImagePixels(width, height);
        for (var at = 0; at < Rgba.Length; at += Channels)
        {
            int alpha = Rgba[at + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                flat.Rgba[at + channel] = (byte)(((Rgba[at + channel] * alpha) + (ground * (255 - alpha)) + 127) / 255);
            }

            flat.Rgba[at + 3] = 255;
        }

        return flat;
    }

    /// <summary>It as it is looked at, from how it is stored.</summary>
    internal ImagePixels Turn(ImageOrientation orientation)
    {
        if (orientation is ImageOrientation.TopLeft or < ImageOrientation.TopLeft or > ImageOrientation.LeftBottom)
        {
            return this;
        }

        var isTurned = orientation >= ImageOrientation.LeftTop;
        var turned = new ImagePixels(isTurned ? height : width, isTurned ? width : height);
        var (right, bottom) = (width - 1, height - 1);
        for (var y = 0; y < turned.Height; y++)
        {
            for (var x = 0; x < turned.Width; x++)
            {
                // Where the pixel of this place is stored.
                var (column, row) = orientation switch
                {
                    ImageOrientation.TopRight => (right - x, y),
                    ImageOrientation.BottomRight => (right - x, bottom - y),
                    ImageOrientation.BottomLeft => (x, bottom - y),
                    ImageOrientation.LeftTop => (y, x),
                    ImageOrientation.RightTop => (y, bottom - x),
                    ImageOrientation.RightBottom => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                this[column, row].CopyTo(turned.Rgba.AsSpan(((y * turned.Width) + x) * Channels));
            }
        }

        return turned;
    }

    /// <summary>Premultiplied mean of the pixels that one of a smaller picture covers.</summary>
    Vector4 Mean(int x, int y, int columns, int rows)
    {
        var (left, top) = ((int)((long)x * width / columns), (int)((long)y * height / rows));
        var right = Math.Max(left + 1, (int)((long)(x + 1) * width / columns));
        var bottom = Math.Max(top + 1, (int)((long)(y + 1) * height / rows));
        var sum = Vector4.Zero;
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                sum += Premultiplied(column, row);
            }
        }

        return sum / ((right - left) * (bottom - top));
    }

    Vector4 Between(int x, int y, int columns, int rows)
    {
        var column = Math.Clamp(((x + 0.5f) * width / columns) - 0.5f, 0, width - 1);
        var row = Math.Clamp(((y + 0.5f) * height / rows) - 0.5f, 0, height - 1);
        var (left, top) = ((int)column, (int)row);
        var (right, bottom) = (Math.Min(left + 1, width - 1), Math.Min(top + 1, height - 1));
        return Vector4.Lerp(
            Vector4.Lerp(Premultiplied(left, top), Premultiplied(right, top), column - left),
            Vector4.Lerp(Premultiplied(left, bottom), Premultiplied(right, bottom), column - left), row - top);
    }

    Vector4 Premultiplied(int x, int y)
    {
        var pixel = this[x, y];
        return pixel[3] == 255
            ? new Vector4(pixel[0], pixel[1], pixel[2], 255)
            : new Vector4(new Vector3(pixel[0], pixel[1], pixel[2]) * (pixel[3] / 255f), pixel[3]);
    }

    static void Write(Span<byte> pixel, Vector4 premultiplied)
    {
        var colour = premultiplied.W > 0 ? premultiplied * (255 / premultiplied.W) : Vector4.Zero;
        pixel[0] = (byte)Math.Clamp(colour.X + 0.5f, 0, 255);
        pixel[1] = (byte)Math.Clamp(colour.Y + 0.5f, 0, 255);
        pixel[2] = (byte)Math.Clamp(colour.Z + 0.5f, 0, 255);
        pixel[3] = (byte)Math.Clamp(premultiplied.W + 0.5f, 0, 255);
    }
}
