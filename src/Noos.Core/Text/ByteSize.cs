namespace Noos.Core.Text;

/// <summary>Sizes as people read them.</summary>
public static class ByteSize
{
    public static string Format(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):N2} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):N1} MiB",
        _ => $"{Math.Ceiling(bytes / 1024.0):N0} KiB",
    };
}
