using System.Text;
using Noos.Corpus.Documents;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Shards;

/// <summary>Tokenizes a source into two shards, one to train on and one to measure with. Equal documents are kept once.</summary>
public sealed class ShardBuilder(Tokenizer tokenizer, string folder)
{
    /// <summary>The shard to train on of a source.</summary>
    public static string TrainPath(string folder, string source) => Path.Combine(folder, source + ".train.shard");

    /// <summary>The shard of held-out documents of a source.</summary>
    public static string HeldOutPath(string folder, string source) => Path.Combine(folder, source + ".heldout.shard");

    /// <summary>Reads the source twice, first for the split. Both shards appear only when both are whole.</summary>
    /// <param name="source">What to tokenize.</param>
    /// <param name="progress">Told about every few hundred documents and at the end.</param>
    /// <param name="cancellation">Ends the work; nothing is left behind.</param>
    public ShardBuilderResult Build(DocumentSource source, IProgress<ShardBuilderResult>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var hashes = new HashSet<ulong>();
        var read = 0L;
        foreach (var document in source.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            hashes.Add(HeldOutSplit.Hash(Encoding.UTF8.GetBytes(document.Text)));
            read++;
        }

        var split = new HeldOutSplit(hashes);
        using var train = new ShardWriter(TrainPath(folder, source.Name), tokenizer);
        using var heldOut = new ShardWriter(HeldOutPath(folder, source.Name), tokenizer);
        var duplicates = read - hashes.Count;
        foreach (var document in source.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var utf8 = Encoding.UTF8.GetBytes(document.Text);
            var hash = HeldOutSplit.Hash(utf8);
            if (hashes.Remove(hash))
            {
                (split.IsHeldOut(hash) ? heldOut : train).Add(utf8);
                if ((train.DocumentCount + heldOut.DocumentCount) % 512 == 0)
                {
                    progress?.Report(Result());
                }
            }
        }

        heldOut.Complete();
        train.Complete();
        var result = Result();
        progress?.Report(result);
        return result;

        ShardBuilderResult Result() =>
            new(source.Name, new(train.DocumentCount, train.TokenCount, train.Utf8Bytes), new(heldOut.DocumentCount, heldOut.TokenCount, heldOut.Utf8Bytes), duplicates);
    }
}
