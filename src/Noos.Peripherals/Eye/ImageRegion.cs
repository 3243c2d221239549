using System.Globalization;
using Noos.Core;

namespace Noos.Peripherals.Eye;

/// <summary>A part of a picture, in pixels as it is looked at.</summary>
readonly record struct ImageRegion(int Left, int Top, int Width, int Height)
{
    const int MaxLength = 100;
    static readonly char[] s_separators = [' ', ',', '-', 'x', ';'];

    /// <summary>Reads a region of a picture; what reaches over an edge is cut.</summary>
    /// <param name="text">Words (<c>top left</c>) or four numbers: left, top, width, height; percent where they have the sign.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <exception cref="NoosException">It is none.</exception>
    public static ImageRegion Parse(string text, int width, int height)
    {
        var words = text.Length > MaxLength ? [] : text.ToLowerInvariant().Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        var region = words.Length == 4 && char.IsAsciiDigit(words[0][0]) ? Numbers(words, width, height) : Words(words, width, height);
        return region is { Width: > 0, Height: > 0 } found ? found : throw new NoosException(
            $"There is no region \"{(text.Length > MaxLength ? text[..MaxLength] : text)}\" in a picture of {width} x {height} pixels; "
            + "write top, bottom, left, right, center, two of them as in top left, or left, top, width and height in pixels: "
            + "10 20 300 200.");
    }

    static ImageRegion? Numbers(string[] words, int width, int height)
    {
        Span<int> numbers = stackalloc int[4];
        for (var index = 0; index < 4; index++)
        {
            var isShare = words[index].EndsWith('%');
            if (!double.TryParse(
                words[index].TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number > int.MaxValue)
            {
                return null;
            }

            numbers[index] = (int)Math.Round(isShare ? Math.Min(number, 100) / 100 * (index % 2 == 0 ? width : height) : number);
        }

        var (left, top) = (numbers[0], numbers[1]);
        return left >= width || top >= height ? null
            : new ImageRegion(left, top, Math.Min(numbers[2], width - left), Math.Min(numbers[3], height - top));
    }

    /// <summary>A half of it for each word; the middle is half of it in both directions.</summary>
    static ImageRegion? Words(string[] words, int width, int height)
    {
        if (words.Length is 0 or > 3)
        {
            return null;
        }

        double left = 0, right = 1, top = 0, bottom = 1;
        foreach (var word in words)
        {
            switch (word)
            {
                case "left":
                    right = 0.5;
                    break;
                case "right":
                    left = 0.5;
                    break;
                case "top" or "upper":
                    bottom = 0.5;
                    break;
                case "bottom" or "lower":
                    top = 0.5;
                    break;
                case "center" or "centre" or "middle":
                    (left, right) = right - left == 1 ? (0.25, 0.75) : (left, right);
                    (top, bottom) = bottom - top == 1 ? (0.25, 0.75) : (top, bottom);
                    break;
                case "half" or "corner" or "part":
                    break;
                default:
                    return null;
            }
        }

        var (x, y) = ((int)(left * width), (int)(top * height));
        return right <= left || bottom <= top ? null : new ImageRegion(
            x, y, Math.Max(1, (int)(right * width) - x), Math.Max(1, (int)(bottom * height) - y));
    }
}
