namespace Noos.Training.Torch;

/// <summary>How far the download of libtorch is.</summary>
/// <param name="Bytes">Bytes downloaded, or unpacked once the download is complete.</param>
/// <param name="TotalBytes">Size of the download; null while it is unpacked.</param>
public readonly record struct LibtorchProgress(long Bytes, long? TotalBytes);
