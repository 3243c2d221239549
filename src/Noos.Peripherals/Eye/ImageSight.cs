using Noos.Media.Images;
using Noos.Peripherals.Eye.Facts;

namespace Noos.Peripherals.Eye;

/// <summary>What was seen of a picture, before it is put into words.</summary>
sealed record ImageSight(ImageInfo Info)
{
    /// <summary>The part that was looked at; null for all of it.</summary>
    public ImageRegion? Region { get; init; }

    /// <summary>Some of it is transparent, and not only could be.</summary>
    public bool IsTransparent { get; init; }

    public ImageKind Kind { get; init; }

    /// <summary>Of the kind, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<ColourShare> Colours { get; init; } = [];

    public IReadOnlyList<ImageCode> Codes { get; init; } = [];

    /// <summary>The text in it; null where nobody reads.</summary>
    public IReadOnlyList<RecognizedLine>? Lines { get; init; }

    /// <summary>Who reads, or why nobody could; null where nothing is installed.</summary>
    public string? Reader { get; init; }

    /// <summary>What the model said; null where none looked.</summary>
    public string? Description { get; init; }

    /// <summary>Which model looked, or why it could not; null where none is installed.</summary>
    public string? Describer { get; init; }

    /// <summary>What was asked; null for nothing.</summary>
    public string? Question { get; init; }

    /// <summary>Neither was text read nor a model asked.</summary>
    public bool IsBrief { get; init; }

    /// <summary>There is nothing in it that could be read or described.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Something failed that may succeed the next time.</summary>
    public bool IsIncomplete { get; init; }
}
