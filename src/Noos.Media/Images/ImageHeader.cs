using System.Buffers.Binary;
using Noos.Core;

namespace Noos.Media.Images;

/// <summary>
/// Reads format, size and number of frames from the first bytes and the chunk structure, without decoding anything: the limits are held
/// before a decoder sees a byte.
/// </summary>
static class ImageHeader
{
    const string Readable = "PNG, JPEG, GIF, WebP or BMP";

    /// <summary>What the file is by its first bytes; null for nothing that is decoded here.</summary>
    public static ImageFormat? Find(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? ImageFormat.Png
        : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? ImageFormat.Jpeg
        : head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) ? ImageFormat.Gif
        : head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8) ? ImageFormat.WebP
        : IsBitmap(head) ? ImageFormat.Bmp
        : null;

    /// <exception cref="NoosException">It is no picture that is decoded here (Invalid), or its header is damaged (Damaged).</exception>
    public static ImageInfo Read(ReadOnlySpan<byte> content)
    {
        var format = Find(content) ?? throw Unreadable(content);
        (int Width, int Height, int Frames) = format switch
        {
            ImageFormat.Png => ReadPng(content),
            ImageFormat.Jpeg => ReadJpeg(content),
            ImageFormat.Gif => ReadGif(content),
            ImageFormat.WebP => ReadWebP(content),
            _ => ReadBitmap(content),
        };
        return Width > 0 && Height > 0
            ? new ImageInfo(format, Width, Height, Math.Max(1, Frames))
            : throw ImageFile.Damaged("it has no size");
    }

    // "BM" alone begins many texts: the length of the second header tells.
    static bool IsBitmap(ReadOnlySpan<byte> head) =>
        head.Length >= 26 && head.StartsWith("BM"u8) && head[14..18] is [12 or 40 or 52 or 56 or 64 or 108 or 124, 0, 0, 0];

    static NoosException Unreadable(ReadOnlySpan<byte> head)
    {
        var what = head switch
        {
            _ when head.IsEmpty => null,
            _ when head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) => "a TIFF",
            _ when head.Length >= 12 && head[4..].StartsWith("ftypavif"u8) => "an AVIF",
            _ when head.Length >= 12 && head[4..].StartsWith("ftyp"u8) => "a HEIC or video",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || head.StartsWith("\0\0\0\x0CJXL "u8) => "a JPEG XL",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]) => "an icon",
            _ when head.StartsWith("<svg"u8) || head.StartsWith("<?xml"u8) => "an SVG",
            _ when head.StartsWith("%PDF"u8) => "a PDF",
            _ => "",
        };
        return new NoosException(
            what is null ? $"The picture is empty; give one that is {Readable}."
            : what.Length > 0 ? $"The picture is {what} file, which cannot be looked at here; save it as {Readable}."
            : $"The file is no picture that can be looked at here; give {Readable}.");
    }

    /// <summary>Chunks of length, type, data and checksum; the first is IHDR, and acTL says how many frames an animation has.</summary>
    static (int Width, int Height, int Frames) ReadPng(ReadOnlySpan<byte> content)
    {
        var head = At(content, 16, 8);
        var frames = 1;
        var at = 8L;
        // acTL stands before the first data.
        while (at + 8 <= content.Length && !content[(int)(at + 4)..].StartsWith("IDAT"u8))
        {
            if (content[(int)(at + 4)..].StartsWith("acTL"u8))
            {
                frames = (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(At(content, (int)at + 8, 4)));
                break;
            }

            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(content[(int)at..]);
        }

        return (BinaryPrimitives.ReadInt32BigEndian(head), BinaryPrimitives.ReadInt32BigEndian(head[4..]), frames);
    }

    /// <summary>Marker segments up to the one that begins a frame (SOF0 to SOF15 without DHT, JPG and DAC), which has the size.</summary>
    static (int Width, int Height, int Frames) ReadJpeg(ReadOnlySpan<byte> content)
    {
        var at = 2;
        while (at + 4 <= content.Length)
        {
            if (content[at] != 0xFF)
            {
                throw ImageFile.Damaged("its header is broken");
            }

            var marker = content[at + 1];
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // Fill bytes, and markers without a segment.
                at += marker == 0xFF ? 1 : 2;
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                var size = At(content, at + 5, 4);
                return (BinaryPrimitives.ReadUInt16BigEndian(size[2..]), BinaryPrimitives.ReadUInt16BigEndian(size), 1);
            }

            at += 2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(content[(at + 2)..]));
        }

        throw ImageFile.Damaged("its header ends too early");
    }

    /// <summary>The logical screen, then blocks: every image descriptor is a frame.</summary>
    static (int Width, int Height, int Frames) ReadGif(ReadOnlySpan<byte> content)
    {
        var screen = At(content, 6, 7);
        var at = 13 + ColourTable(screen[4]);
        var frames = 0;
        while (at < content.Length && content[at] is var kind && kind is 0x2C or 0x21)
        {
            if (kind == 0x2C)
            {
                frames++;
                at += at + 9 < content.Length ? 11 + ColourTable(content[at + 9]) : content.Length;
            }
            else
            {
                at += 2;
            }

            while (at < content.Length && content[at] != 0)
            {
                at += content[at] + 1;
            }

            at++;
        }

        return (
            BinaryPrimitives.ReadUInt16LittleEndian(screen), BinaryPrimitives.ReadUInt16LittleEndian(screen[2..]), frames);
    }

    static int ColourTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 * (2 << (flags & 7));

    /// <summary>RIFF chunks: VP8X with the canvas of an extended file, else VP8L or VP8 with the only picture.</summary>
    static (int Width, int Height, int Frames) ReadWebP(ReadOnlySpan<byte> content)
    {
        var kind = At(content, 12, 4);
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(At(content, 21, 4));
            return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, 1);
        }

        if (kind.SequenceEqual("VP8 "u8))
        {
            var size = At(content, 26, 4);
            return (
                BinaryPrimitives.ReadUInt16LittleEndian(size) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(size[2..]) & 0x3FFF, 1);
        }

        if (!kind.SequenceEqual("VP8X"u8))
        {
            throw ImageFile.Damaged("its header is broken");
        }

        var canvas = At(content, 24, 6);
        var frames = 0;
        for (var at = 12L; at + 8 <= content.Length;)
        {
            var chunk = content[(int)at..];
            frames += chunk.StartsWith("ANMF"u8) ? 1 : 0;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            // Chunks are padded to an even length.
            at += 8L + length + (length & 1);
        }

        return (1 + ReadUInt24(canvas), 1 + ReadUInt24(canvas[3..]), frames);
    }

    static int ReadUInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    /// <summary>The old header has 16-bit sizes; a negative height says that rows go from the top down.</summary>
    static (int Width, int Height, int Frames) ReadBitmap(ReadOnlySpan<byte> content)
    {
        if (content[14] == 12)
        {
            return (BinaryPrimitives.ReadUInt16LittleEndian(content[18..]), BinaryPrimitives.ReadUInt16LittleEndian(content[20..]), 1);
        }

        var height = BinaryPrimitives.ReadInt32LittleEndian(content[22..]);
        return (BinaryPrimitives.ReadInt32LittleEndian(content[18..]), height == int.MinValue ? 0 : Math.Abs(height), 1);
    }

    static ReadOnlySpan<byte> At(ReadOnlySpan<byte> content, int at, int length) =>
        at + length <= content.Length ? content.Slice(at, length) : throw ImageFile.Damaged("its header ends too early");
}
