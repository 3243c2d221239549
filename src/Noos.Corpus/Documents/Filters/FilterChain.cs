using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Documents.Filters;

/// <summary>
/// Filters in order: each sees what the one before let through. Counts what they drop and replace. For one reading at a time.
/// </summary>
public sealed class FilterChain(IReadOnlyList<IDocumentFilter> filters)
{
    readonly Dictionary<(int Filter, string? Reason), long> _counts = [];

    /// <summary>Whether drops go to the meter; not in a second reading of the same documents.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>What was dropped and replaced so far, in the order of the filters, the most frequent reason first.</summary>
    public IReadOnlyList<FilterCount> Counts =>
    [
        .. _counts.OrderBy(count => count.Key.Filter).ThenByDescending(count => count.Value)
            .ThenBy(count => count.Key.Reason, StringComparer.Ordinal)
            .Select(count => new FilterCount(filters[count.Key.Filter].Name, count.Key.Reason, count.Value)),
    ];

    /// <summary>The document as the filters leave it, or null when one drops it.</summary>
    public Document? Apply(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        for (var index = 0; index < filters.Count; index++)
        {
            var verdict = filters[index].Judge(document);
            if (verdict.Reason is null && verdict.Replacement is null)
            {
                continue;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(_counts, (index, verdict.Reason), out _)++;
            if (verdict.Reason is { } reason)
            {
                if (IsMeasured)
                {
                    Telemetry.DocumentsDropped.Add(1, new("noos.corpus.filter", filters[index].Name), new("noos.corpus.reason", reason));
                }

                return null;
            }

            document = verdict.Replacement!;
        }

        return document;
    }

    /// <summary>The documents as the filters leave them; one that has no text left is passed over.</summary>
    public async IAsyncEnumerable<Document> ApplyAsync(
        IAsyncEnumerable<Document> documents, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        await foreach (var document in documents.WithCancellation(cancellationToken))
        {
            if (Apply(document) is { Text.Length: > 0 } kept)
            {
                yield return kept;
            }
        }
    }
}
