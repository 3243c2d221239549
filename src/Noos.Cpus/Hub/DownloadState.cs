using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core.Storage;

namespace Noos.Cpus.Hub;

/// <summary>What the bytes of an unfinished download belong to; a small file beside it.</summary>
/// <param name="Tag">The strong entity tag of the server.</param>
sealed record DownloadState(string Address, string? Sha256, string? Tag)
{
    /// <summary>Null when there is none that can be read.</summary>
    public static DownloadState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), DownloadStateContext.Default.DownloadState);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string path) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, DownloadStateContext.Default.DownloadState));

    /// <summary>
    /// Whether bytes of this state are a beginning of the file: the checksum decides, and without one the server by its tag.
    /// </summary>
    public bool IsOf(HubFile file) =>
        file.Sha256 is null ? Sha256 is null && Tag is not null && Address == file.Address.ToString() : Sha256 == file.Sha256;
}

[JsonSerializable(typeof(DownloadState))]
sealed partial class DownloadStateContext : JsonSerializerContext;
