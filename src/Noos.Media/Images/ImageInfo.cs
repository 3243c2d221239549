namespace Noos.Media.Images;

/// <summary>What the header of a picture says.</summary>
/// <param name="Format">By its content.</param>
/// <param name="Width">Pixels, as it is stored.</param>
/// <param name="Height">Pixels, as it is stored.</param>
/// <param name="Frames">Pictures of an animation; 1 for one that stands still.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, int Frames)
{
    /// <summary>How it is turned to be looked at.</summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.TopLeft;

    /// <summary>Some of it may be transparent.</summary>
    public bool HasAlpha { get; init; }

    /// <summary>It is shown on its side.</summary>
    public bool IsTurned => Orientation >= ImageOrientation.LeftTop;

    /// <summary>Pixels, as it is looked at.</summary>
    public int ShownWidth => IsTurned ? Height : Width;

    /// <summary>Pixels, as it is looked at.</summary>
    public int ShownHeight => IsTurned ? Width : Height;
}
