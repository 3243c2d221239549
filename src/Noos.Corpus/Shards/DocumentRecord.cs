using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Shards;

/// <summary>What a shard remembers of a document beside its tokens: enough to cite it, to find its copies, and to take it out.</summary>
public sealed record DocumentRecord(DocumentId Id, string Source, string Address, UInt128 ContentDigest)
{
    public string? Title { get; init; }

    public string? Licence { get; init; }

    public string? Language { get; init; }

    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>The record of an archive that it was made of; see <see cref="DocumentOrigin.Capture"/>.</summary>
    public string? Capture { get; init; }

    public static DocumentRecord From(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new DocumentRecord(document.Id, document.Source, document.Address, document.ContentDigest)
        {
            Title = document.Title,
            Licence = document.Licence,
            Language = document.Language,
            FetchedAt = document.FetchedAt,
            Capture = document.Origin.Capture,
        };
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new DocumentRecordLine(
            Id.ToString(), Source, Address, Title, Licence, Language, FetchedAt,
            ContentDigest.ToString("x32", CultureInfo.InvariantCulture), Capture),
        DocumentRecordJsonContext.Default.DocumentRecordLine);

    /// <summary>Reads a line; null for a document of unknown origin.</summary>
    /// <exception cref="JsonException">It is no record.</exception>
    /// <exception cref="NoosException">It has no id.</exception>
    internal static DocumentRecord? Parse(ReadOnlySpan<byte> json)
    {
        if (JsonSerializer.Deserialize(json, DocumentRecordJsonContext.Default.DocumentRecordLine) is not { } line)
        {
            return null;
        }

        return new DocumentRecord(DocumentId.Parse(line.Id), line.Source, line.Address, DocumentId.Parse(line.Digest).Value)
        {
            Title = line.Title,
            Licence = line.Licence,
            Language = line.Language,
            FetchedAt = line.FetchedAt,
            Capture = line.Capture,
        };
    }
}

/// <summary>The JSON shape of a record.</summary>
sealed record DocumentRecordLine(
    string Id, string Source, string Address, string? Title, string? Licence, string? Language, DateTimeOffset? FetchedAt, string Digest,
    string? Capture = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DocumentRecordLine))]
sealed partial class DocumentRecordJsonContext : JsonSerializerContext;
