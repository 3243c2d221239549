namespace Noos.Cpus.Hub;

/// <summary>A file that can be downloaded.</summary>
/// <param name="Path">Within its repository, with '/'.</param>
/// <param name="Size">Bytes; null when nobody says.</param>
/// <param name="Sha256">In lower-case hexadecimal digits; null when nobody says.</param>
sealed record HubFile(string Path, Uri Address, long? Size, string? Sha256);
