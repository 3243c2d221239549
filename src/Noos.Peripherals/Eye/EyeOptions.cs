using Noos.Media.Images;
using Noos.Peripherals.Eye.Tesseract;

namespace Noos.Peripherals.Eye;

/// <summary>What an eye consists of beside its facts and codes, which need no model.</summary>
public sealed record EyeOptions
{
    /// <summary>Makes the model that says what a picture shows, with the first look; null for none.</summary>
    public Func<IImageDescriber>? Describer { get; init; }

    /// <summary>Where that model is, scheme and host; null where pictures do not leave this machine.</summary>
    public string? Service { get; init; }

    /// <summary>Finds what reads text in pictures, with the first look; gives null where nothing is installed.</summary>
    public Func<ITextRecognizer?> TextRecognizer { get; init; } = TesseractProgram.Find;

    /// <summary>What a picture may be; null for what is usual.</summary>
    public ImageLimits? Limits { get; init; }

    /// <summary>How long the model may look at one picture; after that the report says so.</summary>
    public TimeSpan MaxDescribing { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Reports that are kept: clients send the pictures of a conversation again with each of its requests.</summary>
    public int MaxKept { get; init; } = 64;
}
