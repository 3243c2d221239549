using Noos.Media.Images;
using ZXing;

namespace Noos.Peripherals.Eye.Facts;

/// <summary>Reads QR codes and bar codes of the usual kinds. Each has check digits of its own: what is read is right.</summary>
static class CodeReader
{
    const int MaxSide = 1600;

    // Those whose check digits or error correction make a false one unlikely: others are seen in any text or grating.
    static readonly BarcodeFormat[] s_formats =
    [
        BarcodeFormat.QR_CODE, BarcodeFormat.DATA_MATRIX, BarcodeFormat.AZTEC, BarcodeFormat.PDF_417, BarcodeFormat.EAN_13,
        BarcodeFormat.EAN_8, BarcodeFormat.UPC_A, BarcodeFormat.CODE_128,
    ];

    const int MaxCodes = 20;
    const int MaxLength = 2000;

    /// <summary>All codes of a picture.</summary>
    /// <param name="pixels">Opaque.</param>
    public static IReadOnlyList<ImageCode> Read(ImagePixels pixels)
    {
        var fitted = pixels.Fit(MaxSide);
        var reader = new BarcodeReaderGeneric { AutoRotate = true };
        reader.Options.PossibleFormats = s_formats;
        reader.Options.TryHarder = true;
        reader.Options.TryInverted = true;
        try
        {
            var source = new RGBLuminanceSource(fitted.Rgba, fitted.Width, fitted.Height, RGBLuminanceSource.BitmapFormat.RGBA32);
            return
            [
                .. (reader.DecodeMultiple(source) ?? []).Where(code => code.Text is { Length: > 0 })
                    .Select(code => new ImageCode(NameOf(code.BarcodeFormat), Cut(code.Text))).Distinct().Take(MaxCodes),
            ];
        }
        catch (Exception e) when (e is ReaderException or ArgumentException or IndexOutOfRangeException or InvalidOperationException
            or NullReferenceException or OverflowException or ArithmeticException)
        {
            // What looks like a code and is none leads the reader astray here and there.
            return [];
        }
    }

    static string Cut(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "...";

    static string NameOf(BarcodeFormat format) => format switch
    {
        BarcodeFormat.QR_CODE => "QR code",
        BarcodeFormat.DATA_MATRIX => "Data Matrix",
        BarcodeFormat.AZTEC => "Aztec code",
        BarcodeFormat.PDF_417 => "PDF417",
        _ => $"bar code ({format.ToString().Replace('_', '-')})",
    };
}

/// <summary>A code in a picture.</summary>
/// <param name="Kind">Such as QR code.</param>
/// <param name="Text">What it says, written by whoever made it.</param>
sealed record ImageCode(string Kind, string Text);
