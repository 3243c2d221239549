using System.Buffers.Binary;
using Noos.Core;
using Noos.Media.Images;
using Noos.Testing;

namespace Noos.Media.Tests.Images;

public sealed class ImageFileTests
{
    static readonly Paint s_halves = (x, _) => x < 20 ? ((byte)200, (byte)10, (byte)10) : ((byte)10, (byte)10, (byte)200);

    public static TheoryData<string> Formats => ["PNG", "JPEG", "GIF", "WebP", "BMP"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_format_becomes_its_pixels(string format)
    {
        using var file = ImageFile.Open(SampleImages.Get(format));
        var pixels = await file.DecodeAsync(TestContext.Current.CancellationToken);

        Assert.Equal((format, 40, 24, 1), (file.Info.Format.Name(), file.Info.Width, file.Info.Height, file.Info.Frames));
        Assert.Equal((40, 24), (pixels.Width, pixels.Height));
        Assert.True(pixels[5, 5][0] > 180 && pixels[5, 5][2] < 40, "left is red");
        Assert.True(format == "GIF" || (pixels[35, 20][2] > 180 && pixels[35, 20][0] < 40), "right is blue");
        Assert.All(Enumerable.Range(0, 40), x => Assert.Equal(255, pixels[x, 0][3]));
    }

    [Theory]
    [InlineData(1, 40, 24, 0, 0)]
    [InlineData(2, 40, 24, 39, 0)]
    [InlineData(3, 40, 24, 39, 23)]
    [InlineData(4, 40, 24, 0, 23)]
    [InlineData(5, 24, 40, 0, 0)]
    [InlineData(6, 24, 40, 23, 0)]
    [InlineData(7, 24, 40, 23, 39)]
    [InlineData(8, 24, 40, 0, 39)]
    public async Task Photograph_is_turned_as_its_camera_says(int orientation, int width, int height, int x, int y)
    {
        // The first stored pixels are white, all others black.
        var stored = new ImagePixels(40, 24);
        for (var at = 0; at < stored.Rgba.Length; at++)
        {
            stored.Rgba[at] = (byte)(at % 4 == 3 || (at / 4 % 40 < 8 && at / 4 / 40 < 8) ? 255 : 0);
        }

        using var file = ImageFile.Open(SampleImages.WithOrientation(ImageEncoder.EncodeJpeg(stored), orientation));
        var pixels = await file.DecodeAsync(TestContext.Current.CancellationToken);

        Assert.Equal((width, height), (file.Info.ShownWidth, file.Info.ShownHeight));
        Assert.Equal((width, height), (pixels.Width, pixels.Height));
        Assert.True(pixels[x, y][0] > 200, "the stored first pixel is where the camera says");
        Assert.True(pixels[width - 1 - x, height - 1 - y][0] < 50, "and the last is opposite");
    }

    [Fact]
    public async Task Animation_shows_its_first_frame()
    {
        using var gif = ImageFile.Open(SamplePictures.Gif(10, 10, 2, 3, 1));
        Assert.Equal(3, gif.Info.Frames);
        Assert.Equal([255, 0, 0, 255], (await gif.DecodeAsync(TestContext.Current.CancellationToken))[9, 9].ToArray());

        var frames = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(frames, 7);
        using var png = ImageFile.Open(SamplePictures.Png(4, 4, s_halves, extra: SamplePictures.Chunk("acTL", frames)));
        Assert.Equal(7, png.Info.Frames);
    }

    [Theory]
    [InlineData("", "The picture is empty;")]
    [InlineData("hello", "The file is no picture that can be looked at here;")]
    [InlineData("BM is how this text begins, and it is long enough.", "The file is no picture")]
    [InlineData("%PDF-1.7", "is a PDF file")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG file")]
    [InlineData("II*\0\b\0\0\0", "is a TIFF file")]
    [InlineData("\0\0\0\u0018ftypavif", "is an AVIF file")]
    [InlineData("\0\0\0\u0018ftypheic", "is a HEIC or video file")]
    public void What_is_no_picture_is_refused_in_a_sentence(string content, string expected)
    {
        var refusal = Assert.Throws<NoosException>(() => ImageFile.Open(System.Text.Encoding.Latin1.GetBytes(content)));
        Assert.Equal(ErrorKind.Invalid, refusal.Kind);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(" PNG, JPEG, GIF, WebP or BMP.", refusal.Message);
    }

    [Theory]
    [InlineData("PNG")]
    [InlineData("GIF")]
    [InlineData("BMP")]
    [InlineData("JPEG")]
    [InlineData("WebP")]
    public void Size_that_a_header_promises_is_refused_before_memory_is_taken(string format)
    {
        // Few bytes that claim billions of pixels: a decompression bomb.
        byte[] bomb = SampleImages.Claiming(format);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<NoosException>(() => ImageFile.Open(bomb));

        Assert.Equal(ErrorKind.Refused, refusal.Kind);
        Assert.Contains("50,000,000 in all are the most", refusal.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, "nothing large was made");
    }

    [Fact]
    public void Limits_hold_for_bytes_and_frames()
    {
        Assert.Contains("2 are the most", Refuse(SamplePictures.Gif(4, 4, 0, 1, 2), new ImageLimits { MaxFrames = 2 }));
        Assert.Contains("100 are the most", Refuse(SamplePictures.RedSquare, new ImageLimits { MaxBytes = 100 }));

        static string Refuse(byte[] content, ImageLimits limits) =>
            Assert.Throws<NoosException>(() => ImageFile.Open(content, limits)).Message;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task File_that_ends_too_early_is_damaged(string format)
    {
        var content = SampleImages.Get(format);
        var damage = await Assert.ThrowsAsync<NoosException>(async () =>
        {
            using var file = ImageFile.Open(content.AsSpan(0, format == "JPEG" ? 300 : (content.Length / 2) + 20));
            await file.DecodeAsync(TestContext.Current.CancellationToken);
        });
        Assert.Equal(ErrorKind.Damaged, damage.Kind);
        Assert.StartsWith("The picture is damaged: ", damage.Message);
    }

    [Fact]
    public async Task Transparent_pixels_stand_on_what_shows_them()
    {
        var glyph = new ImagePixels(8, 8);
        for (var x = 2; x < 6; x++)
        {
            new byte[] { 255, 255, 255, 255 }.CopyTo(glyph.Rgba.AsSpan((3 * 8 + x) * 4));
        }

        using var file = ImageFile.Open(ImageEncoder.EncodePng(glyph));
        Assert.True(file.Info.HasAlpha);
        var flat = (await file.DecodeAsync(TestContext.Current.CancellationToken)).Flatten();
        Assert.Equal([0, 0, 0, 255], flat[0, 0].ToArray());
        Assert.Equal([255, 255, 255, 255], flat[3, 3].ToArray());
    }

    [Fact]
    public void Smaller_picture_has_the_means_of_areas()
    {
        var board = new ImagePixels(64, 64);
        for (var at = 0; at < board.Rgba.Length; at++)
        {
            board.Rgba[at] = (byte)(at % 4 == 3 || ((at / 4) + (at / 4 / 64)) % 2 == 0 ? 255 : 0);
        }

        var small = board.Fit(8);
        Assert.Equal((8, 8), (small.Width, small.Height));
        Assert.Equal([128, 128, 128, 255], small[3, 3].ToArray());
        Assert.Equal((3, 200), (board.Crop(1, 2, 3, 4).Width, board.Crop(0, 0, 2, 2).Resize(200, 200).Height));
    }
}
