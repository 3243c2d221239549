using System.Collections.Concurrent;
using Noos.Language.Tokenization.Splitting;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// Byte-pair encoding of text: the pre-tokenizer cuts it into pieces, and the symbols of each are merged. Thread-safe: each call takes a
/// <see cref="PieceEncoder{TSymbols}"/>, with its cache, from a pool.
/// </summary>
/// <param name="splitter">The pre-tokenizer.</param>
/// <param name="initialSymbols">What merging begins with.</param>
/// <param name="merges">The merges.</param>
/// <param name="whole">Pieces that become one token without merging (<c>ignore_merges</c>); may be null.</param>
/// <param name="outOfVocabulary">The symbols that are no tokens.</param>
sealed class BpeTextEncoder<TSplitter, TSymbols>(TSplitter splitter, TSymbols initialSymbols, MergeTable merges, TokenLookup? whole,
    OutOfVocabularySymbols outOfVocabulary) : TextEncoder
    where TSplitter : struct, ISplitter<TSplitter>
    where TSymbols : struct, IInitialSymbols
{
    readonly ConcurrentBag<PieceEncoder<TSymbols>> _encoders = [];

    public override void Encode(ReadOnlySpan<byte> text, List<int> output)
    {
        if (!_encoders.TryTake(out var encoder))
        {
            encoder = new PieceEncoder<TSymbols>(initialSymbols, merges, whole);
        }

        var start = output.Count;
        encoder.Encode(text, splitter.For(text), output);
        _encoders.Add(encoder);
        outOfVocabulary.Expand(output, start);
    }
}
