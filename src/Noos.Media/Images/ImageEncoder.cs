using SkiaSharp;

namespace Noos.Media.Images;

/// <summary>
/// Writes pixels as a file. What a picture held beside its pixels (place, camera, anything odd) is not in it: this is what others are
/// handed.
/// </summary>
public static class ImageEncoder
{
    const int UsualQuality = 90;

    /// <summary>PNG: every pixel as it is.</summary>
    public static byte[] EncodePng(ImagePixels pixels) => Encode(pixels, SKEncodedImageFormat.Png, quality: 100);

    /// <summary>JPEG: smaller for photographs; transparency is lost.</summary>
    public static byte[] EncodeJpeg(ImagePixels pixels, int quality = UsualQuality) =>
        Encode(pixels, SKEncodedImageFormat.Jpeg, quality);

    /// <summary>WebP, with losses.</summary>
    public static byte[] EncodeWebP(ImagePixels pixels, int quality = UsualQuality) =>
        Encode(pixels, SKEncodedImageFormat.Webp, quality);

    static byte[] Encode(ImagePixels pixels, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var info = new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var image = SKImage.FromPixelCopy(info, pixels.Rgba);
        using var data = image.Encode(format, quality);
        return data.ToArray();
    }
}
