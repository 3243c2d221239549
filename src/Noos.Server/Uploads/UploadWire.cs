using System.Text.Json.Serialization;

namespace Noos.Server.Uploads;

/// <summary>A file as OpenAI's API shows it.</summary>
sealed record UploadWire(string Id, long Bytes, long CreatedAt, long? ExpiresAt, string Filename, string Purpose)
{
    public string Object => "file";

    /// <summary>Deprecated and still required: everything is read when it is asked for.</summary>
    public string Status => "processed";

    public static UploadWire From(Upload upload) =>
        new(upload.Id, upload.Bytes, upload.CreatedAt, upload.ExpiresAt, upload.Filename, upload.Purpose);
}

/// <param name="Data">Those of this page.</param>
/// <param name="FirstId">That of the first; null where there is none.</param>
/// <param name="LastId">That of the last, after which the next page begins.</param>
/// <param name="HasMore">There is a next page.</param>
sealed record UploadListWire(
    IReadOnlyList<UploadWire> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore)
{
    public string Object => "list";
}

sealed record UploadDeletedWire(string Id)
{
    public string Object => "file";

    public bool Deleted => true;
}
