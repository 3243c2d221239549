using System.Text;
using Noos.Core;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints.Extraction;

/// <summary>
/// The texts that an extractive answer can be: a span of a passage that begins and ends at the borders of words, followed by
/// <c>[n]</c> where it may cite, or one fixed sentence that says there is no answer. Thread-safe.
/// </summary>
/// <remarks>
/// A state of an answer is the set of places where its bytes can be read on: what a suffix automaton would give, without building one. The
/// set shrinks to a few places within one or two tokens.
/// </remarks>
public sealed class ExtractiveText
{
    // Between texts, so that the place behind one is not that before the next. Never part of UTF-8.
    const byte Separator = 0xFF;

    readonly VocabularyTrie _vocabulary;
    readonly byte[] _bytes;
    readonly bool[] _canEnd;
    readonly int[] _ends;                       // of each text
    readonly int[] _citations;                  // where the citation of each text begins; -1 for none
    readonly Lazy<ulong[]> _firstMask;

    /// <param name="tokenizer">The vocabulary of the model.</param>
    /// <param name="passages">What spans are taken from; may be empty.</param>
    /// <param name="refusal">The sentence that says that there is no answer.</param>
    /// <param name="cites">A span may be followed by a space and the number of its passage in brackets.</param>
    /// <exception cref="NoosException">The refusal is empty.</exception>
    public ExtractiveText(Tokenizer tokenizer, IReadOnlyList<Passage> passages, string refusal, bool cites = false)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(passages);
        if (string.IsNullOrWhiteSpace(refusal))
        {
            throw new NoosException("An extractive answer needs a sentence for when the text does not say; leave out the refusal.");
        }

        Tokenizer = tokenizer;
        _vocabulary = VocabularyTrie.Get(tokenizer);
        var bytes = new List<byte>();
        var starts = new List<int>();
        var canEnd = new List<bool>();
        var ends = new List<int>();
        var citations = new List<int>();
        foreach (var passage in passages)
        {
            Add(passage.Text, isWhole: false);
        }

        Add(refusal, isWhole: true);
        var spanStarts = starts.Count;
        citations.AddRange(Enumerable.Repeat(-1, ends.Count));
        for (var index = 0; cites && index < passages.Count; index++)
        {
            citations[index] = bytes.Count;
            Add($" [{passages[index].Number}]", isWhole: true);
            citations.Add(-1);
        }

        // Citations follow a span, they do not begin an answer.
        starts.RemoveRange(spanStarts, starts.Count - spanStarts);
        (_bytes, _canEnd, _ends, _citations) = ([.. bytes], [.. canEnd], [.. ends], [.. citations]);
        Start = [.. starts];
        _firstMask = new Lazy<ulong[]>(() => FindAllowed(Start));

        void Add(string text, bool isWhole)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            var (mayBegin, mayEnd) = (new bool[utf8.Length + 1], new bool[utf8.Length + 1]);
            if (isWhole)
            {
                (mayBegin[0], mayEnd[^1]) = (true, true);
            }
            else
            {
                SpanBoundaries.Mark(text, mayBegin, mayEnd);

                // What no span can end in, such as spaces, is no part: an answer that goes on can always come to an end.
                var last = Array.LastIndexOf(mayEnd, true);
                utf8 = utf8[..Math.Max(0, last)];
                (mayBegin, mayEnd) = (mayBegin[..(utf8.Length + 1)], mayEnd[..(utf8.Length + 1)]);
                mayBegin[^1] = false;
            }

            starts.AddRange(Enumerable.Range(0, mayBegin.Length).Where(place => mayBegin[place]).Select(place => bytes.Count + place));
            canEnd.AddRange(mayEnd);
            bytes.AddRange(utf8);
            ends.Add(bytes.Count);
            bytes.Add(Separator);
        }
    }

    internal Tokenizer Tokenizer { get; }

    /// <summary>The places of an answer that has not begun.</summary>
    internal int[] Start { get; }

    /// <summary>The places after a token, ascending; none where it cannot come next.</summary>
    internal int[] Step(ReadOnlySpan<int> places, int token)
    {
        if (Tokenizer.IsSpecial(token))
        {
            return [];
        }

        var read = Tokenizer.BytesOf(token);
        var next = new SortedSet<int>();
        foreach (var place in places)
        {
            if (RestOf(place).StartsWith(read))
            {
                next.Add(place + read.Length);
                if (CitationAfter(place + read.Length) is var citation and >= 0)
                {
                    next.Add(citation);
                }
            }
        }

        return [.. next];
    }

    /// <summary>An answer may end here.</summary>
    internal bool CanEnd(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            // A place where a citation may begin is one where the span may end, which is among the places itself.
            if (_canEnd[place])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Nothing can follow.</summary>
    internal bool MustEnd(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            if (!RestOf(place).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The tokens that can come next, one bit each.</summary>
    internal ulong[] Allowed(int[] places) => ReferenceEquals(places, Start) ? _firstMask.Value : FindAllowed(places);

    ulong[] FindAllowed(ReadOnlySpan<int> places)
    {
        var mask = new ulong[_vocabulary.MaskLength];
        foreach (var place in places)
        {
            _vocabulary.AllowPrefixesOf(RestOf(place), mask);
        }

        return mask;
    }

    ReadOnlySpan<byte> RestOf(int place) => _bytes.AsSpan(place, _ends[TextOf(place)] - place);

    int CitationAfter(int place) => _canEnd[place] ? _citations[TextOf(place)] : -1;

    int TextOf(int place) => Array.BinarySearch(_ends, place) is var index && index >= 0 ? index : ~index;
}
