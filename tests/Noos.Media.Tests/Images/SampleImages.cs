using System.Buffers.Binary;
using Noos.Media.Images;
using Noos.Testing;

namespace Noos.Media.Tests.Images;

/// <summary>A picture of 40 x 24 pixels in every format, left half red and right half blue; the GIF is red.</summary>
static class SampleImages
{
    static readonly Paint s_halves = (x, _) => x < 20 ? ((byte)220, (byte)10, (byte)10) : ((byte)10, (byte)10, (byte)220);

    public static byte[] Get(string format) => format switch
    {
        "PNG" => SamplePictures.Png(40, 24, s_halves),
        "BMP" => SamplePictures.Bmp(40, 24, s_halves),
        "GIF" => SamplePictures.Gif(40, 24, 2),
        "JPEG" => ImageEncoder.EncodeJpeg(Pixels()),
        _ => ImageEncoder.EncodeWebP(Pixels()),
    };

    /// <summary>The header of a picture that claims to be huge, with nothing behind it.</summary>
    public static byte[] Claiming(string format)
    {
        var file = Get(format);
        switch (format)
        {
            case "PNG":
                return SamplePictures.Png(40, 24, s_halves, (100_000, 100_000));
            case "GIF":
                file.AsSpan(6, 4).Fill(0xFF);
                break;
            case "BMP":
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), 100_000);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), -100_000);
                break;
            case "JPEG":
                var frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
                file.AsSpan(frame + 5, 4).Fill(0xFF);
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(26), 0x3FFF_3FFF);
                break;
        }

        return file;
    }

    /// <summary>A JPEG with the EXIF segment of a camera that was held in some way.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation) =>
    [
        .. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*\0\0\0\x08\0\x01"u8, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0,
        0, 0, 0, 0, .. jpeg[2..],
    ];

    static ImagePixels Pixels()
    {
        var pixels = new ImagePixels(40, 24);
        for (var at = 0; at < 40 * 24; at++)
        {
            var (red, green, blue) = s_halves(at % 40, at / 40);
            ((ReadOnlySpan<byte>)[red, green, blue, 255]).CopyTo(pixels.Rgba.AsSpan(at * 4));
        }

        return pixels;
    }
}
