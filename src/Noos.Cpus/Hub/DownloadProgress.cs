namespace Noos.Cpus.Hub;

/// <summary>How far a download is.</summary>
/// <param name="Done">Bytes of all files that are here.</param>
/// <param name="Total">Bytes of all files; 0 when unknown.</param>
/// <param name="Note">Something other than the plain arrival of bytes that goes on; null mostly.</param>
public readonly record struct DownloadProgress(string File, long Done, long Total, string? Note);
