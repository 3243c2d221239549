namespace Noos.Media.Images;

/// <summary>What a picture may be; held before anything of it is decoded, so that memory is bounded whatever a header promises.</summary>
public sealed record ImageLimits
{
    public static ImageLimits Default { get; } = new();

    /// <summary>Bytes of the file.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>Width times height: four bytes of memory each while it is decoded.</summary>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>Pictures of an animation, of which the first is looked at.</summary>
    public int MaxFrames { get; init; } = 10_000;
}
