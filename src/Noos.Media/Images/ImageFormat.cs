namespace Noos.Media.Images;

/// <summary>The formats of pictures that are decoded.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
    Gif,
    WebP,
    Bmp,
}

/// <summary>What formats of pictures are called.</summary>
public static class ImageFormats
{
    /// <summary>As people write it.</summary>
    public static string Name(this ImageFormat format) => format switch
    {
        ImageFormat.Png => "PNG",
        ImageFormat.Jpeg => "JPEG",
        ImageFormat.Gif => "GIF",
        ImageFormat.WebP => "WebP",
        _ => "BMP",
    };

    /// <summary>As HTTP has it (https://www.iana.org/assignments/media-types).</summary>
    public static string MediaType(this ImageFormat format) => format switch
    {
        ImageFormat.Png => "image/png",
        ImageFormat.Jpeg => "image/jpeg",
        ImageFormat.Gif => "image/gif",
        ImageFormat.WebP => "image/webp",
        _ => "image/bmp",
    };
}
