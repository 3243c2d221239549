using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// Documents in one small file: JSON lines (<c>address</c>, <c>title</c>, <c>text</c>, <c>source</c>, <c>date</c>, <c>licence</c>),
/// compressed with Zstandard as far as it goes. The same documents give the same bytes.
/// </summary>
public static class DocumentPack
{
    const int Level = 19;

    // All of a few megabytes is one window: articles resemble each other across the whole file.
    const int WindowLog = 24;

    // Text outside ASCII as it is: it is shorter.
    static readonly PackedDocumentContext s_context =
        new(new JsonSerializerOptions(PackedDocumentContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes a pack that appears whole or not at all.</summary>
    public static void Write(string path, IEnumerable<Document> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        AtomicFile.Write(path, file =>
        {
            using var compressed = new CompressionStream(file, Level, leaveOpen: true);
            compressed.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, WindowLog);
            foreach (var document in documents)
            {
                var row = new PackedDocument(
                    document.Address, document.Title, document.Text, document.Source,
                    document.FetchedAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), document.Licence);
                compressed.Write(JsonSerializer.SerializeToUtf8Bytes(row, s_context.PackedDocument));
                compressed.Write("\n"u8);
            }
        });
    }

    /// <summary>The documents of a pack, in their order.</summary>
    /// <exception cref="NoosException">The file is missing (NotFound) or damaged (Damaged).</exception>
    public static async IAsyncEnumerable<Document> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var (number, line) in LineReader.ReadAsync(content, path, cancellationToken))
        {
            var row = Parse(line.Span, path, number);
            yield return new Document(
                new DocumentOrigin(row.Source, row.Address)
                {
                    FetchedAt = DateTimeOffset.TryParse(
                        row.Date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null,
                    Licence = row.Licence,
                },
                row.Text, row.Title);
        }
    }

    static PackedDocument Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize(line, s_context.PackedDocument)!;
        }
        catch (JsonException e)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"Line {number} of '{path}' is no document: {JsonFault.Describe(e, isLine: true)}.", e);
        }
    }
}

/// <summary>One line.</summary>
sealed record PackedDocument(
    string Address, string? Title, string Text, string Source, string? Date = null, string? Licence = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackedDocument))]
sealed partial class PackedDocumentContext : JsonSerializerContext;
