using System.Text.Json.Serialization;

namespace Noos.Server.Uploads;

/// <summary>A file that was given to the server for later requests, as OpenAI's files API has it.</summary>
/// <param name="Id">Begins with "file-".</param>
/// <param name="Owner">Whose it is: nobody else hears of it.</param>
/// <param name="Filename">What it was called.</param>
/// <param name="Purpose">What it is said to be for.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="CreatedAt">Seconds since 1970.</param>
/// <param name="ExpiresAt">When it is deleted; null for never.</param>
sealed record Upload(string Id, string Owner, string Filename, string Purpose, long Bytes, long CreatedAt, long? ExpiresAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(UploadWire))]
[JsonSerializable(typeof(UploadListWire))]
[JsonSerializable(typeof(UploadDeletedWire))]
sealed partial class UploadJson : JsonSerializerContext;
