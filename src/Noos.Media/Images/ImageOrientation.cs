namespace Noos.Media.Images;

/// <summary>
/// How the stored rows are turned to be looked at: the values of EXIF's tag 0x0112, named by where the stored first row and first column
/// are shown.
/// </summary>
public enum ImageOrientation
{
    TopLeft = 1,
    TopRight = 2,
    BottomRight = 3,
    BottomLeft = 4,
    LeftTop = 5,
    RightTop = 6,
    RightBottom = 7,
    LeftBottom = 8,
}
