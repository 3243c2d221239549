using System.Runtime.InteropServices;
using Noos.Core;

namespace Noos.Language.Tokenization;

/// <summary>
/// Learns byte-pair merges (Sennrich et al. 2016, algorithm 1, on bytes): joins the most frequent neighbouring pair again and again. The
/// result depends only on the text, not on threads: pairs of equal frequency join in the order of their token ids.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Largest vocabulary whose tokens fit the 16 bits of a shard.</summary>
    public const int MaxVocabularySize = 1 << 16;

    /// <summary>Trains a tokenizer on documents of UTF-8 text.</summary>
    /// <param name="documents">Read once, from several threads in turn.</param>
    /// <param name="vocabularySize">Tokens in all: reserved ones, 256 bytes, and merges.</param>
    /// <param name="progress">Told about every few megabytes and every hundred merges.</param>
    /// <exception cref="NoosException">The size is out of range, or the text has too few repeated pairs to fill it.</exception>
    public static Tokenizer Train(
        IEnumerable<ReadOnlyMemory<byte>> documents, int vocabularySize = 4096, IProgress<TokenizerTrainingProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var firstMerge = SpecialTokens.All.Count + 256;
        if (vocabularySize < firstMerge || vocabularySize > MaxVocabularySize)
        {
            throw new NoosException($"The vocabulary size must be between {firstMerge} and {MaxVocabularySize}, not {vocabularySize}.");
        }

        var wanted = vocabularySize - firstMerge;
        var (pieces, bytes) = CountPieces(documents, wanted, progress);
        var words = new WordTable(pieces, SpecialTokens.All.Count);
        var merges = new List<(int Left, int Right)>(wanted);
        while (merges.Count < wanted)
        {
            if (!words.TryTakeMostFrequent(out var left, out var right))
            {
                throw new NoosException(
                    $"The text repeats too little for a vocabulary of {vocabularySize} tokens: give more text, or ask for at most "
                    + $"{firstMerge + merges.Count}.");
            }

            words.Join(left, right, firstMerge + merges.Count);
            merges.Add((left, right));
            if (merges.Count % 100 == 0 || merges.Count == wanted)
            {
                progress?.Report(new TokenizerTrainingProgress(bytes, merges.Count, wanted));
            }
        }

        return Tokenizer.FromTraining(merges);
    }

    static (PieceCounter Pieces, long Bytes) CountPieces(IEnumerable<ReadOnlyMemory<byte>> documents, int wanted,
        IProgress<TokenizerTrainingProgress>? progress)
    {
        const long ReportEvery = 8 << 20;
        var total = new PieceCounter();
        long bytes = 0;
        try
        {
            Parallel.ForEach(
                documents,
                () => new PieceCounter(),
                (document, _, counter) =>
                {
                    counter.AddText(document.Span);
                    var after = Interlocked.Add(ref bytes, document.Length);
                    if (after / ReportEvery != (after - document.Length) / ReportEvery)
                    {
                        progress?.Report(new TokenizerTrainingProgress(after, 0, wanted));
                    }

                    return counter;
                },
                counter =>
                {
                    lock (total)
                    {
                        total.AddAll(counter);
                    }
                });
        }
        catch (AggregateException exception) when (exception.InnerExceptions[0] is NoosException inner)
        {
            throw new NoosException(inner.Kind, inner.Message, exception);
        }

        return (total, bytes);
    }

    /// <summary>
    /// The distinct pieces ("words") as rows of tokens, and how often each pair of neighbours occurs in the text. A merge only visits the
    /// words that hold its pair, and changes the counts of the pairs beside it.
    /// </summary>
    sealed class WordTable
    {
        readonly int[] _tokens;
        readonly int[] _starts;
        readonly int[] _lengths;
        readonly long[] _counts;
        readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
        readonly HashSet<(int Left, int Right)> _grown = [];

        // Entries are hints: counts change, and an entry is checked against the pair's count when it comes out.
        readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _queue = new();

        public WordTable(PieceCounter pieces, int firstByteToken)
        {
            _starts = new int[pieces.Count];
            _lengths = new int[pieces.Count];
            _counts = new long[pieces.Count];
            var length = 0;
            for (var word = 0; word < pieces.Count; word++)
            {
                _starts[word] = length;
                _lengths[word] = pieces.BytesAt(word).Length;
                _counts[word] = pieces.CountAt(word);
                length += _lengths[word];
            }

            _tokens = new int[length];
            for (var word = 0; word < pieces.Count; word++)
            {
                var bytes = pieces.BytesAt(word);
                for (var index = 0; index < bytes.Length; index++)
                {
                    _tokens[_starts[word] + index] = firstByteToken + bytes[index];
                }

                for (var index = 0; index + 1 < bytes.Length; index++)
                {
                    PairOf(_starts[word] + index).Add(word, _counts[word]);
                }
            }

            foreach (var (pair, value) in _pairs)
            {
                Enqueue(pair, value.Count);
            }
        }

        /// <summary>The most frequent pair, the one of the lowest ids among equals; false when no pair occurs twice.</summary>
        public bool TryTakeMostFrequent(out int left, out int right)
        {
            while (_queue.TryDequeue(out var pair, out var priority))
            {
                if (!_pairs.TryGetValue(pair, out var value) || value.Count < 2)
                {
                    continue;
                }

                if (value.Count == -priority.NegativeCount)
                {
                    (left, right) = pair;
                    return true;
                }

                // The count has changed since: back into the queue at its new place.
                Enqueue(pair, value.Count);
            }

            (left, right) = (-1, -1);
            return false;
        }

        public void Join(int left, int right, int joined)
        {
            _pairs.Remove((left, right), out var taken);
            _grown.Clear();
            foreach (var word in taken!.Words)
            {
                JoinIn(word, left, right, joined);
            }

            // Pairs that shrank need no new entry: their old one is checked, and put back, when it comes out.
            foreach (var pair in _grown)
            {
                Enqueue(pair, _pairs[pair].Count);
            }
        }

        void JoinIn(int word, int left, int right, int joined)
        {
            var start = _starts[word];
            var tokens = _tokens.AsSpan(start, _lengths[word]);
            var count = _counts[word];
            var length = 0;
            for (var index = 0; index < tokens.Length; index++)
            {
                if (index + 1 == tokens.Length || tokens[index] != left || tokens[index + 1] != right)
                {
                    tokens[length++] = tokens[index];
                    continue;
                }

                // The neighbour before is already in its final form, the one after not yet.
                if (length > 0)
                {
                    Change((tokens[length - 1], left), word, -count);
                    Change((tokens[length - 1], joined), word, count);
                }

                if (index + 2 < tokens.Length)
                {
                    Change((right, tokens[index + 2]), word, -count);
                    Change((joined, tokens[index + 2]), word, count);
                }

                tokens[length++] = joined;
                index++;
            }

            _lengths[word] = length;
        }

        void Change((int Left, int Right) pair, int word, long change)
        {
            if (change < 0)
            {
                // The pair being joined is gone from the table: its own overlaps, as in "aaa", need no count.
                if (_pairs.TryGetValue(pair, out var value))
                {
                    value.Count += change;
                }

                return;
            }

            ref var grown = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
            grown ??= new Pair();
            grown.Add(word, change);
            _grown.Add(pair);
        }

        Pair PairOf(int position)
        {
            ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, (_tokens[position], _tokens[position + 1]), out _);
            return pair ??= new Pair();
        }

        void Enqueue((int Left, int Right) pair, long count) => _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
    }

    sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Words that hold the pair, and some that held it once.</summary>
        public List<int> Words { get; } = [];

        public void Add(int word, long count)
        {
            Count += count;
            if (Words.Count == 0 || Words[^1] != word)
            {
                Words.Add(word);
            }
        }
    }
}
