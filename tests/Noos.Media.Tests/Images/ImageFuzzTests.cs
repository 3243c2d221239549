using Noos.Core;
using Noos.Media.Images;

namespace Noos.Media.Tests.Images;

/// <summary>
/// 10,000 damaged pictures: each is decoded, or refused in a sentence, in bounded time and memory; nothing else happens.
/// </summary>
public sealed class ImageFuzzTests
{
    const int Mutations = 2000;

    // No mutation needs more than the original; a decoder that is led on would take seconds of a test.
    static readonly ImageLimits s_limits = new() { MaxPixels = 1 << 16 };

    [Theory]
    [InlineData("PNG")]
    [InlineData("JPEG")]
    [InlineData("GIF")]
    [InlineData("WebP")]
    [InlineData("BMP")]
    public async Task Damaged_picture_is_decoded_or_refused(string format)
    {
        var original = SampleImages.Get(format);
        var random = new Random(format.Length + format[0]);
        int decoded = 0, refused = 0;
        for (var mutation = 0; mutation < Mutations; mutation++)
        {
            try
            {
                using var file = ImageFile.Open(Mutate(original, random), s_limits);
                var pixels = await file.DecodeAsync(TestContext.Current.CancellationToken);
                Assert.Equal((file.Info.ShownWidth, file.Info.ShownHeight), (pixels.Width, pixels.Height));
                decoded++;
            }
            catch (NoosException refusal)
            {
                Assert.EndsWith(".", refusal.Message);
                Assert.DoesNotContain("\n", refusal.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(decoded > 0 && refused > Mutations / 10, $"{decoded} decoded, {refused} refused: the mutations test nothing");
    }

    /// <summary>
    /// A few changed bytes, mostly in the header, where most can go wrong; or a part is missing, twice there, or of zeros.
    /// </summary>
    static byte[] Mutate(byte[] original, Random random)
    {
        var file = (byte[])original.Clone();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(2) == 0 ? random.Next(file.Length) : random.Next(Math.Min(60, file.Length));
            file[at] = random.Next(4) switch
            {
                0 => (byte)(file[at] ^ (1 << random.Next(8))),
                1 => 0xFF,
                2 => 0,
                _ => (byte)random.Next(256),
            };
        }

        var (from, to) = (random.Next(file.Length), random.Next(file.Length));
        (from, to) = (Math.Min(from, to), Math.Max(from, to));
        return random.Next(8) switch
        {
            0 => file[..to],
            1 => [.. file[..from], .. file[to..]],
            2 => [.. file[..to], .. file[from..]],
            _ => file,
        };
    }
}
