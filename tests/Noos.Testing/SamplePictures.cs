using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Noos.Testing;

/// <summary>The colour of a place.</summary>
public delegate (byte Red, byte Green, byte Blue) Paint(int x, int y);

/// <summary>Pictures that are made in the test, by writers of a few lines that share nothing with the decoders.</summary>
public static class SamplePictures
{
    /// <summary>White, with a red square in its middle.</summary>
    public static byte[] RedSquare { get; } = Png(120, 80, (x, y) => x is >= 40 and < 80 && y is >= 20 and < 60
        ? ((byte)220, (byte)20, (byte)30)
        : ((byte)255, (byte)255, (byte)255));

    /// <summary>A PNG of 24 bits.</summary>
    /// <param name="shown">The size that the header claims, where it is another.</param>
    /// <param name="extra">Chunks before the data.</param>
    public static byte[] Png(int width, int height, Paint paint, (int Width, int Height)? shown = null, params byte[][] extra)
    {
        ArgumentNullException.ThrowIfNull(paint);
        ArgumentNullException.ThrowIfNull(extra);
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                for (var x = 0; x < width; x++)
                {
                    var (red, green, blue) = paint(x, y);
                    zlib.Write([red, green, blue]);
                }
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, shown?.Width ?? width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), shown?.Height ?? height);
        (header[8], header[9]) = (8, 2);
        return
        [
            0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. extra.SelectMany(chunk => chunk), .. Chunk("IDAT", rows.ToArray()),
            .. Chunk("IEND", []),
        ];
    }

    /// <summary>A chunk of a PNG.</summary>
    public static byte[] Chunk(string type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    /// <summary>A BMP of 24 bits, with its rows from the bottom up.</summary>
    public static byte[] Bmp(int width, int height, Paint paint)
    {
        ArgumentNullException.ThrowIfNull(paint);
        var stride = ((width * 3) + 3) / 4 * 4;
        var file = new byte[54 + (stride * height)];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        (file[26], file[28]) = (1, 24);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (red, green, blue) = paint(x, y);
                ((ReadOnlySpan<byte>)[blue, green, red]).CopyTo(file.AsSpan(54 + ((height - 1 - y) * stride) + (x * 3)));
            }
        }

        return file;
    }

    /// <summary>A GIF whose frames each have one of four colours: black, white, red, blue.</summary>
    /// <param name="width">Pixels of the screen and of every frame.</param>
    /// <param name="height">Rows.</param>
    /// <param name="frames">The number of the colour of each frame.</param>
    public static byte[] Gif(int width, int height, params int[] frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        using var file = new MemoryStream();
        file.Write("GIF89a"u8);
        file.Write([(byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0x81, 0, 0]);
        file.Write([0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255]);
        foreach (var colour in frames)
        {
            file.Write([0x2C, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0, 2]);
            WriteCodes(file, width * height, colour);
            file.WriteByte(0);
        }

        file.WriteByte(0x3B);
        return file.ToArray();
    }

    /// <summary>LZW without its dictionary: a code of three bits a pixel, and a clear code before the codes would grow.</summary>
    static void WriteCodes(MemoryStream file, int pixels, int colour)
    {
        const int Clear = 4;
        const int End = 5;
        var bits = new List<int>();
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            if (pixel % 2 == 0)
            {
                bits.Add(Clear);
            }

            bits.Add(colour);
        }

        bits.Add(End);
        var bytes = new byte[((bits.Count * 3) + 7) / 8];
        for (var bit = 0; bit < bits.Count * 3; bit++)
        {
            bytes[bit / 8] |= (byte)(((bits[bit / 3] >> (bit % 3)) & 1) << (bit % 8));
        }

        foreach (var block in bytes.Chunk(255))
        {
            file.WriteByte((byte)block.Length);
            file.Write(block);
        }
    }

    static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
