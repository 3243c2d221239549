using System.Globalization;

namespace Noos.Corpus.Archive;

/// <summary>Compares what a WARC file holds with the digests that it has of itself.</summary>
public static class ArchiveCheck
{
    /// <summary>What is wrong, a clause each; nothing where all is as it was written.</summary>
    public static IEnumerable<string> FindFaults(string path, CancellationToken cancellationToken = default)
    {
        using var reader = WarcReader.Open(path);
        foreach (var record in reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (record.IsCut)
            {
                continue;
            }

            if (Differs(record.Headers["WARC-Block-Digest"], record.Content.Span))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"at {record.Offset}: the block has another digest");
            }

            // A revisit has the digest of a body that lies elsewhere.
            var payload = record.Headers["WARC-Payload-Digest"];
            if (record.Type == WarcTypes.Response && record.Http is { } http && Differs(payload, http.Body.Span)
                && Differs(payload, ContentCoding.Dechunk(http.Body).Span))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"at {record.Offset}: the body has another digest");
            }
        }

        foreach (var fault in reader.Faults)
        {
            yield return fault;
        }
    }

    static bool Differs(string? digest, ReadOnlySpan<byte> content) =>
        digest is not null && digest.StartsWith("sha1:", StringComparison.OrdinalIgnoreCase) && digest.Length == 37
        && !digest.Equals(WarcDigest.Compute(content), StringComparison.OrdinalIgnoreCase);
}
