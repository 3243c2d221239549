namespace Noos.Kernel.Processes;

/// <summary>A file in the folder of a conversation.</summary>
/// <param name="Name">As it is asked for: unique in its folder.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Length">Bytes.</param>
public sealed record GivenFile(string Name, string Path, long Length);
