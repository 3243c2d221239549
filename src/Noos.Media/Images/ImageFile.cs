using System.Globalization;
using Noos.Core;
using SkiaSharp;

namespace Noos.Media.Images;

/// <summary>
/// A picture that is looked at. The format is found in the content and never in a name or a media type, which programs set as they like:
/// PNG, JPEG, GIF, WebP, BMP, of an animation the first frame. Decoded by Skia's codecs, which browsers have, one picture at a time.
/// </summary>
public sealed class ImageFile : IDisposable
{
    // Photographs beyond this are decoded at a half, a quarter or an eighth of their size, which JPEG can without decoding all of it.
    const long MaxPhotographPixels = 16_000_000;

    // Whatever many requests bring at once, the memory of one decoder is all that they take; who comes second waits.
    static readonly SemaphoreSlim s_decoding = new(1);

    readonly SKData _data;
    readonly SKCodec _codec;

    ImageFile(SKData data, SKCodec codec, ImageInfo info) => (_data, _codec, Info) = (data, codec, info);

    /// <summary>What its header says.</summary>
    public ImageInfo Info { get; }

    /// <summary>The format of a file by its first 26 bytes or more; null for none that is decoded here.</summary>
    public static ImageFormat? FindFormat(ReadOnlySpan<byte> head) => ImageHeader.Find(head);

    /// <summary>Checks a picture; nothing of it is decoded yet.</summary>
    /// <param name="content">All of the file.</param>
    /// <param name="limits">Null for the usual ones.</param>
    /// <exception cref="NoosException">
    /// It is none that can be decoded (Invalid), damaged (Damaged), or beyond the limits (Refused).
    /// </exception>
    public static ImageFile Open(ReadOnlySpan<byte> content, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        if (content.Length > limits.MaxBytes)
        {
            throw Refused($"has {content.Length:N0} bytes, and {limits.MaxBytes:N0} are the most that is looked at");
        }

        var info = ImageHeader.Read(content);
        Require(info.Width, info.Height, limits);
        if (info.Frames > limits.MaxFrames)
        {
            throw Refused($"has {info.Frames:N0} frames, and {limits.MaxFrames:N0} are the most that is looked at");
        }

        var data = SKData.CreateCopy(content);
        SKCodec? codec = null;
        try
        {
            codec = SKCodec.Create(data) ?? throw Damaged("no decoder knows what to do with it");
            // The decoder may have found another size behind the header; it is what takes memory.
            Require(codec.Info.Width, codec.Info.Height, limits);
            return new ImageFile(data, codec, info with
            {
                Width = codec.Info.Width,
                Height = codec.Info.Height,
                Orientation = (ImageOrientation)codec.EncodedOrigin,
                HasAlpha = codec.Info.AlphaType != SKAlphaType.Opaque,
            });
        }
        catch
        {
            codec?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Its pixels, turned as they are looked at; very large photographs at a part of their size.</summary>
    /// <exception cref="NoosException">It is damaged (Damaged), or there is not enough memory (OutOfMemory).</exception>
    public async Task<ImagePixels> DecodeAsync(CancellationToken cancellationToken = default)
    {
        await s_decoding.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(Decode, cancellationToken);
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory, "There is not enough memory to look at the picture; try again, or make it smaller.", e);
        }
        finally
        {
            s_decoding.Release();
        }
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    /// <summary>The picture cannot be decoded.</summary>
    internal static NoosException Damaged(string why) =>
        new(ErrorKind.Damaged, $"The picture is damaged: {why}; save or export it again.");

    unsafe ImagePixels Decode()
    {
        var size = new SKSizeI(Info.Width, Info.Height);
        if (Info.Format == ImageFormat.Jpeg && (long)size.Width * size.Height > MaxPhotographPixels)
        {
            size = _codec.GetScaledDimensions(MathF.Sqrt(MaxPhotographPixels / ((float)size.Width * size.Height)));
        }

        var pixels = new ImagePixels(size.Width, size.Height);
        var wanted = new SKImageInfo(
            size.Width, size.Height, SKColorType.Rgba8888, Info.HasAlpha ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
        SKCodecResult result;
        fixed (byte* rgba = pixels.Rgba)
        {
            result = _codec.GetPixels(wanted, (nint)rgba);
        }

        return result switch
        {
            SKCodecResult.Success => pixels.Turn(Info.Orientation),
            SKCodecResult.IncompleteInput => throw Damaged("it ends too early"),
            _ => throw Damaged("its data cannot be decoded"),
        };
    }

    static void Require(int width, int height, ImageLimits limits)
    {
        if ((long)width * height > limits.MaxPixels)
        {
            throw Refused($"is {width:N0} x {height:N0} pixels, and {limits.MaxPixels:N0} in all are the most that is looked at");
        }
    }

    static NoosException Refused(FormattableString what) =>
        new(ErrorKind.Refused, $"The picture {what.ToString(CultureInfo.InvariantCulture)}; make it smaller.");
}
