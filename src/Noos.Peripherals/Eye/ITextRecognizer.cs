using Noos.Core;
using Noos.Media.Images;

namespace Noos.Peripherals.Eye;

/// <summary>Reads the text in a picture (OCR). Thread-safe.</summary>
public interface ITextRecognizer
{
    string Name { get; }

    /// <summary>The text, a line each in reading order.</summary>
    /// <exception cref="NoosException">It fails, or takes too long (Unavailable).</exception>
    Task<IReadOnlyList<RecognizedLine>> RecognizeAsync(ImagePixels pixels, CancellationToken cancellationToken = default);
}

/// <summary>A line of text in a picture.</summary>
/// <param name="Text">As it was read.</param>
/// <param name="Confidence">How sure the reader is, 0 to 1.</param>
public sealed record RecognizedLine(string Text, double Confidence);
