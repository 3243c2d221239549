using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Media.Images;
using Noos.Peripherals.Eye;
using Noos.Peripherals.Eye.Tesseract;
using Noos.Testing;
using ZXing;

namespace Noos.Peripherals.Tests.Eye;

public sealed class LocalEyeTests
{
    static readonly EyeOptions s_factsOnly = new() { TextRecognizer = () => null };

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_says_what_is_certain_and_what_cannot_be_told()
    {
        var report = await new LocalEye(s_factsOnly).LookAsync(SamplePictures.RedSquare, LookRequest.Usual, Token);

        Assert.Equal("image/png", report.MediaType);
        Assert.Equal(
            """
            Picture: PNG, 120 x 80 pixels.
            Kind: drawing, diagram or icon (confidence 0.90, by pixel statistics).
            Colours: white 83% (#ffffff), red 17% (#dc141e).
            What it shows cannot be told: no description model is installed. Do not guess.
            QR and bar codes: none found.
            Text in it cannot be told: no text reader is installed.
            """, report.Text);
    }

    [Theory]
    [InlineData("blank", "blank, one colour")]
    [InlineData("noise", "noise, no picture of anything")]
    [InlineData("gradient", "a smooth change of colours")]
    [InlineData("drawing", "drawing, diagram or icon")]
    [InlineData("page", "screenshot or page of text")]
    [InlineData("photograph", "photograph, scan or painting")]
    public async Task Sort_of_a_picture_is_measured_also_after_compression(string sort, string expected)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var pixels = sort switch
            {
                "blank" => SamplePixels.Blank(),
                "noise" => SamplePixels.Noise(seed),
                "gradient" => SamplePixels.Gradient(),
                "drawing" => SamplePixels.Drawing(seed),
                "page" => SamplePixels.Page(seed),
                _ => SamplePixels.Photograph(seed),
            };
            foreach (var file in new[] { ImageEncoder.EncodePng(pixels), ImageEncoder.EncodeJpeg(pixels), ImageEncoder.EncodeWebP(pixels) })
            {
                var report = await new LocalEye(s_factsOnly).LookAsync(file, new LookRequest { IsBrief = true }, Token);
                Assert.Contains("Kind: " + expected, report.Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task What_has_nothing_in_it_is_not_described()
    {
        using var client = new ScriptedChatClient([new TextContent("A cat on a sofa.")]);
        var eye = new LocalEye(s_factsOnly with { Describer = () => new ChatClientImageDescriber(client, "seer") });

        foreach (var pixels in new[] { SamplePixels.Blank(), SamplePixels.Noise(3), SamplePixels.Gradient() })
        {
            var report = await eye.LookAsync(ImageEncoder.EncodePng(pixels), LookRequest.Usual, Token);
            Assert.Contains("What it shows: nothing.", report.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("cat", report.Text, StringComparison.Ordinal);
        }

        Assert.Empty(client.Requests);
    }

    [Theory]
    [InlineData(BarcodeFormat.QR_CODE, "https://example.org/menu?table=4", "QR code")]
    [InlineData(BarcodeFormat.DATA_MATRIX, "LOT 4711", "Data Matrix")]
    [InlineData(BarcodeFormat.AZTEC, "M1DOE/JANE", "Aztec code")]
    [InlineData(BarcodeFormat.EAN_13, "4006381333931", "bar code (EAN-13)")]
    [InlineData(BarcodeFormat.CODE_128, "NOOS-128", "bar code (CODE-128)")]
    public async Task Codes_are_read(BarcodeFormat format, string text, string name)
    {
        var eye = new LocalEye(s_factsOnly);
        var report = await eye.LookAsync(ImageEncoder.EncodePng(SamplePixels.Code(format, text)), LookRequest.Usual, Token);

        Assert.Contains($"{name}: \"{text}\"", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Light_code_on_dark_is_read_from_a_photograph_of_it()
    {
        var pixels = SamplePixels.Code(BarcodeFormat.QR_CODE, "dark mode", isInverted: true);
        var report = await new LocalEye(s_factsOnly).LookAsync(ImageEncoder.EncodeJpeg(pixels, 70), LookRequest.Usual, Token);

        Assert.Contains("QR code: \"dark mode\"", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Region_is_looked_at_alone()
    {
        var eye = new LocalEye(s_factsOnly);
        var picture = SamplePictures.Png(
            200, 100, (x, _) => x < 100 ? ((byte)0, (byte)0, (byte)255) : ((byte)255, (byte)255, (byte)0));

        var left = await eye.LookAsync(picture, new LookRequest { Region = "left" }, Token);
        var corner = await eye.LookAsync(picture, new LookRequest { Region = "150 20 90 30" }, Token);

        Assert.Contains("Looked at: 100 x 100 pixels from column 0, row 0", left.Text, StringComparison.Ordinal);
        Assert.Contains("Colours: blue 100%", left.Text, StringComparison.Ordinal);
        Assert.Contains("Looked at: 50 x 30 pixels from column 150, row 20", corner.Text, StringComparison.Ordinal);
        Assert.Contains("Colours: yellow 100%", corner.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the dog")]
    [InlineData("left right")]
    [InlineData("900 0 10 10")]
    [InlineData("0 0 0 0")]
    [InlineData("1e9 1 1 1")]
    [InlineData("")]
    [InlineData(" , ")]
    public async Task Region_that_is_none_is_refused_in_a_sentence(string region)
    {
        var look = new LocalEye(s_factsOnly).LookAsync(SamplePictures.RedSquare, new LookRequest { Region = region + " " }, Token);
        Assert.Contains("in a picture of 120 x 80 pixels; write top,", (await Assert.ThrowsAsync<NoosException>(() => look)).Message);
    }

    [Fact]
    public async Task Model_sees_pixels_alone_and_answers_what_is_asked()
    {
        using var client = new ScriptedChatClient([new TextContent(" A red square on white. ")], [new TextContent("One.")]);
        var eye = new LocalEye(s_factsOnly with { Describer = () => new ChatClientImageDescriber(client, "seer") });
        var picture = SamplePictures.Png(
            120, 80, (x, y) => ((byte)(x > 60 ? 250 : 5), (byte)5, (byte)5), extra: SamplePictures.Chunk("tEXt", "secret"u8));

        var described = await eye.LookAsync(picture, LookRequest.Usual, Token);
        var answered = await eye.LookAsync(picture, new LookRequest { Question = "How many squares?" }, Token);
        var again = await eye.LookAsync(picture, LookRequest.Usual, Token);

        Assert.Contains("Description by the model seer, which may be wrong: A red square on white.\n", described.Text);
        Assert.Contains("Answer about it by the model seer, which may be wrong: One.", answered.Text);
        Assert.Same(described, again);
        Assert.Equal(2, client.Requests.Count);
        var asked = client.Requests[1].Single().Contents;
        Assert.Contains("asks: How many squares?", Assert.IsType<TextContent>(asked[0]).Text, StringComparison.Ordinal);
        var data = Assert.IsType<DataContent>(asked[1]);
        Assert.Equal("image/png", data.MediaType);
        Assert.Equal(-1, data.Data.Span.IndexOf("secret"u8));
    }

    [Fact]
    public async Task Model_that_fails_leaves_the_facts_and_is_asked_again()
    {
        using var client = new ScriptedChatClient(
            [new ErrorContent("") { RawRepresentation = new NoosException(ErrorKind.Unavailable, "The model is away; try again.") }],
            [new TextContent("A square.")]);
        var eye = new LocalEye(s_factsOnly with { Describer = () => new ChatClientImageDescriber(client, "seer") });

        var without = await eye.LookAsync(SamplePictures.RedSquare, LookRequest.Usual, Token);
        var with = await eye.LookAsync(SamplePictures.RedSquare, LookRequest.Usual, Token);

        Assert.Contains("What it shows cannot be told: The model is away; try again.\n", without.Text, StringComparison.Ordinal);
        Assert.Contains("red 17%", without.Text, StringComparison.Ordinal);
        Assert.Contains("A square.", with.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_stays_within_its_length()
    {
        using var client = new ScriptedChatClient([new TextContent(new string('x', 5000))]);
        var eye = new LocalEye(s_factsOnly with { Describer = () => new ChatClientImageDescriber(client, "seer") });

        var report = await eye.LookAsync(SamplePictures.RedSquare, new LookRequest { MaxLength = 600 }, Token);

        Assert.True(report.Text.Length <= 600, report.Text);
        Assert.EndsWith("look at a region of the picture for more.]", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Installed_program_reads_the_text_of_a_screenshot()
    {
        Assert.SkipWhen(TesseractProgram.Find() is null, "tesseract is not installed.");
        var pictures = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "docs", "images", "chat-light.png");
        Assert.SkipUnless(File.Exists(pictures), "The pictures of the documentation are not here.");

        var report = await new LocalEye().LookAsync(await File.ReadAllBytesAsync(pictures, Token), LookRequest.Usual, Token);

        Assert.Contains("Kind: screenshot or page of text", report.Text, StringComparison.Ordinal);
        Assert.Contains("Text as tesseract reads it (confidence 0.", report.Text, StringComparison.Ordinal);
        Assert.Contains("Small models make mistakes", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_of_the_program_becomes_lines_that_it_is_sure_of()
    {
        var lines = TesseractProgram.Parse(
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
            + "1\t1\t0\t0\t0\t0\t0\t0\t640\t480\t-1\t\n"
            + "5\t1\t1\t1\t1\t1\t10\t10\t50\t20\t96.5\tTotal\n5\t1\t1\t1\t1\t2\t70\t10\t50\t20\t91.5\t12.50\n"
            + "5\t1\t2\t1\t1\t1\t10\t80\t50\t20\t31\t~|\n5\t1\t3\t1\t1\t1\t10\t99\t50\t20\t12\tzz\nbroken\tline\n");

        var line = Assert.Single(lines);
        Assert.Equal("Total 12.50", line.Text);
        Assert.Equal(0.94, line.Confidence, 3);
    }
}
