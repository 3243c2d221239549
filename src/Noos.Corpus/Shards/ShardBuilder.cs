using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Documents.Filters;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Shards;

/// <summary>
/// Tokenizes a source into two shards, one to train on and one to measure with. Equal documents are kept once. In memory are one document
/// and eight bytes per document.
/// </summary>
/// <param name="tokenizer">Encodes the text.</param>
/// <param name="folder">Where the shards are written.</param>
/// <param name="filters">Decide about each document, in order; none when null.</param>
public sealed class ShardBuilder(Tokenizer tokenizer, string folder, IReadOnlyList<IDocumentFilter>? filters = null)
{
    const string SourceTag = "noos.corpus.source";

    /// <summary>The shard to train on of a source.</summary>
    public static string TrainPath(string folder, string source) => Path.Combine(folder, source + ".train.shard");

    /// <summary>The shard of held-out documents of a source.</summary>
    public static string HeldOutPath(string folder, string source) => Path.Combine(folder, source + ".heldout.shard");

    /// <summary>Reads the source twice, first for the split. Both shards appear only when both are whole.</summary>
    /// <param name="source">What to tokenize.</param>
    /// <param name="progress">Told about every few hundred documents and at the end.</param>
    /// <param name="cancellationToken">Ends the work; nothing is left behind.</param>
    /// <exception cref="NoosException">The source cannot be read, or a shard cannot be written.</exception>
    public async Task<ShardBuilderResult> BuildAsync(
        DocumentSource source, IProgress<ShardBuilderResult>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var activity = Telemetry.Activities.StartActivity("noos.corpus.build_shards");
        activity?.SetTag(SourceTag, source.Name);
        var hashes = new HashSet<ulong>();
        var read = 0L;
        var chain = new FilterChain(filters ?? []);
        await foreach (var document in chain.ApplyAsync(source.ReadAsync(cancellationToken), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            hashes.Add(HeldOutSplit.Hash(Encoding.UTF8.GetBytes(document.Text)));
            read++;
        }

        var filtered = chain.Counts;
        var duplicates = read - hashes.Count;
        var dropped = filtered.Where(count => count.Reason is not null).Sum(count => count.Documents);
        Telemetry.DocumentsRead.Add(read + dropped, new KeyValuePair<string, object?>(SourceTag, source.Name));
        Telemetry.DocumentsDropped.Add(duplicates, new("noos.corpus.filter", "duplicate"), new("noos.corpus.reason", "equal text"));

        var split = new HeldOutSplit(hashes);
        using var train = new ShardWriter(TrainPath(folder, source.Name), tokenizer);
        using var heldOut = new ShardWriter(HeldOutPath(folder, source.Name), tokenizer);
        // The counters have seen what the filters drop.
        var again = new FilterChain(filters ?? []) { IsMeasured = false };
        await foreach (var document in again.ApplyAsync(source.ReadAsync(cancellationToken), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var utf8 = Encoding.UTF8.GetBytes(document.Text);
            var hash = HeldOutSplit.Hash(utf8);
            // Only the first of equal documents finds its hash.
            if (hashes.Remove(hash))
            {
                (split.IsHeldOut(hash) ? heldOut : train).Add(utf8, DocumentRecord.From(document));
                if ((train.DocumentCount + heldOut.DocumentCount) % 512 == 0)
                {
                    progress?.Report(Result());
                }
            }
        }

        heldOut.Complete();
        train.Complete();
        Telemetry.TokensWritten.Add(train.TokenCount + heldOut.TokenCount, new KeyValuePair<string, object?>(SourceTag, source.Name));
        var result = Result();
        progress?.Report(result);
        return result;

        ShardBuilderResult Result() => new(source.Name, train.Size, heldOut.Size, duplicates, filtered);
    }
}
