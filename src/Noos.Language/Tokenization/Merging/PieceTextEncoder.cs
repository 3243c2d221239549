using System.Collections.Concurrent;
using Noos.Language.Tokenization.Splitting;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization.Merging;

/// <summary>Byte-pair encoding: cuts text into pieces, and merges the units of each.</summary>
/// <param name="splitter">Cuts.</param>
/// <param name="units">What merging begins with.</param>
/// <param name="merges">The merges.</param>
/// <param name="whole">Pieces that become one token without merging; null for none.</param>
/// <param name="virtuals">The symbols that are no tokens.</param>
sealed class PieceTextEncoder<TSplitter, TUnits>(TSplitter splitter, TUnits units, MergeTable merges, TokenLookup? whole, VirtualSymbols virtuals) : TextEncoder
    where TSplitter : struct, ISplitter<TSplitter>
    where TUnits : struct, IUnits
{
    readonly ConcurrentBag<PieceEncoder<TUnits>> _encoders = [];

    public override void Encode(ReadOnlySpan<byte> text, List<int> output)
    {
        if (!_encoders.TryTake(out var encoder))
        {
            encoder = new PieceEncoder<TUnits>(units, merges, whole);
        }

        var start = output.Count;
        encoder.Encode(text, splitter.For(text), output);
        _encoders.Add(encoder);
        virtuals.Expand(output, start);
    }
}
