namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Learns a <see cref="LetterToSound"/> from a dictionary: letters and sounds are aligned by expectation maximization (Jiampojamarn,
/// Kondrak and Sherif 2007), and the aligned pieces counted as n-grams with interpolated Kneser-Ney smoothing. Rare long sequences are
/// left out, which costs little and halves the file.
/// </summary>
static class LetterToSoundTrainer
{
    const int Rounds = 6;
    const int MinGraphoneCount = 8;
    const double Discount = 0.8;

    /// <param name="words">Spelling, and sounds packed as <see cref="ArpabetSymbols"/> has them.</param>
    /// <param name="minCount">Sequences of three graphones and more must occur so often.</param>
    public static LetterToSound Train(IReadOnlyList<(string Word, string Sounds)> words, int minCount = 2)
    {
        var aligned = Align(words);
        var counts = aligned.SelectMany(pieces => pieces).CountBy(piece => piece).ToDictionary();
        var kept = counts.Where(pair => pair.Value >= MinGraphoneCount).OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key.Letters, StringComparer.Ordinal).ThenBy(pair => pair.Key.Sounds, StringComparer.Ordinal)
            .Select(pair => pair.Key).Take((1 << LetterToSound.Bits) - LetterToSound.End - 1).ToList();
        Graphone[] graphones = [new("", ""), new("", ""), .. kept];
        var numbers = graphones.Select((graphone, number) => (graphone, number)).Skip(LetterToSound.End + 1)
            .ToDictionary(pair => pair.graphone, pair => pair.number);
        var sequences = aligned.Where(pieces => pieces.TrueForAll(numbers.ContainsKey))
            .Select(pieces => (int[])[.. pieces.Select(piece => numbers[piece]), LetterToSound.End]).ToList();
        return Smooth(graphones, sequences, minCount);
    }

    /// <summary>The likeliest pieces of each word that can be aligned.</summary>
    static List<List<Graphone>> Align(IReadOnlyList<(string Word, string Sounds)> words)
    {
        var weights = new Dictionary<Graphone, double>();
        for (var round = 0; round < Rounds; round++)
        {
            var expected = new Dictionary<Graphone, double>();
            foreach (var (word, sounds) in words)
            {
                Expect(word, sounds, weights, expected);
            }

            var total = expected.Values.Sum();
            weights = expected.ToDictionary(pair => pair.Key, pair => pair.Value / total);
        }

        return [.. words.Select(word => Viterbi(word.Word, word.Sounds, weights)).OfType<List<Graphone>>()];
    }

    /// <summary>The steps of an alignment: a letter has no, one or two sounds, two letters have one.</summary>
    static readonly (int Letters, int Sounds)[] s_steps = [(1, 1), (1, 0), (1, 2), (2, 1)];

    static double Weight(Dictionary<Graphone, double> weights, Graphone graphone) =>
        weights.Count == 0 ? graphone.Letters.Length == 1 && graphone.Sounds.Length == 1 ? 1 : 0.2 : weights.GetValueOrDefault(graphone);

    static void Expect(string word, string sounds, Dictionary<Graphone, double> weights, Dictionary<Graphone, double> expected)
    {
        var (forward, backward) = (new double[word.Length + 1, sounds.Length + 1], new double[word.Length + 1, sounds.Length + 1]);
        forward[0, 0] = 1;
        backward[word.Length, sounds.Length] = 1;
        for (var i = 0; i <= word.Length; i++)
        {
            for (var j = 0; j <= sounds.Length; j++)
            {
                foreach (var (letters, made) in s_steps)
                {
                    if (forward[i, j] > 0 && i + letters <= word.Length && j + made <= sounds.Length)
                    {
                        forward[i + letters, j + made] += forward[i, j] * Weight(weights, Piece(word, sounds, i, j, letters, made));
                    }
                }
            }
        }

        var whole = forward[word.Length, sounds.Length];
        if (whole <= 0)
        {
            return;
        }

        for (var i = word.Length; i >= 0; i--)
        {
            for (var j = sounds.Length; j >= 0; j--)
            {
                foreach (var (letters, made) in s_steps)
                {
                    if (i + letters > word.Length || j + made > sounds.Length || backward[i + letters, j + made] == 0)
                    {
                        continue;
                    }

                    var piece = Piece(word, sounds, i, j, letters, made);
                    var weight = Weight(weights, piece) * backward[i + letters, j + made];
                    backward[i, j] += weight;
                    var share = forward[i, j] * weight / whole;
                    if (share > 1e-9)
                    {
                        expected[piece] = expected.GetValueOrDefault(piece) + share;
                    }
                }
            }
        }
    }

    static List<Graphone>? Viterbi(string word, string sounds, Dictionary<Graphone, double> weights)
    {
        var best = new double[word.Length + 1, sounds.Length + 1];
        var step = new (int Letters, int Sounds)[word.Length + 1, sounds.Length + 1];
        best[0, 0] = 1;
        for (var i = 0; i <= word.Length; i++)
        {
            for (var j = 0; j <= sounds.Length; j++)
            {
                foreach (var (letters, made) in s_steps)
                {
                    if (best[i, j] > 0 && i + letters <= word.Length && j + made <= sounds.Length
                        && best[i, j] * Weight(weights, Piece(word, sounds, i, j, letters, made)) is var value
                        && value > best[i + letters, j + made])
                    {
                        best[i + letters, j + made] = value;
                        step[i + letters, j + made] = (letters, made);
                    }
                }
            }
        }

        if (best[word.Length, sounds.Length] <= 0)
        {
            return null;
        }

        var pieces = new List<Graphone>();
        for (var (i, j) = (word.Length, sounds.Length); i > 0;)
        {
            var (letters, made) = step[i, j];
            (i, j) = (i - letters, j - made);
            pieces.Insert(0, Piece(word, sounds, i, j, letters, made));
        }

        return pieces;
    }

    static Graphone Piece(string word, string sounds, int at, int sound, int letters, int made) =>
        new(word.Substring(at, letters), sounds.Substring(sound, made));

    /// <summary>Counts of all lengths to probabilities with back-off.</summary>
    static LetterToSound Smooth(Graphone[] graphones, List<int[]> sequences, int minCount)
    {
        var counts = Count(sequences);
        var probabilities = new Dictionary<ulong, double>();
        var backOffs = new Dictionary<ulong, double>();
        var types = graphones.Length - 1;
        for (var length = 1; length <= LetterToSound.Order; length++)
        {
            var contextMask = (1UL << (LetterToSound.Bits * (length - 1))) - 1;
            foreach (var context in counts[length].GroupBy(pair => (pair.Key >> LetterToSound.Bits) & contextMask))
            {
                var total = context.Sum(pair => (double)pair.Value);
                var shorter = length > 1 ? context.Key & (contextMask >> LetterToSound.Bits) : 0;
                var rest = Discount * context.Count() / total;
                var (kept, lower) = (0.0, 0.0);
                foreach (var (sequence, count) in context)
                {
                    if (length >= 3 && count < minCount)
                    {
                        continue;
                    }

                    var next = (int)(sequence & ((1 << LetterToSound.Bits) - 1));
                    var below = length == 1 ? 1.0 / types : Look(probabilities, backOffs, shorter, length - 2, next);
                    var probability = (Math.Max(count - Discount, 0) / total) + (rest * below);
                    probabilities[LetterToSound.Key(sequence, length)] = probability;
                    (kept, lower) = (kept + probability, lower + below);
                }

                if (length > 1 && kept > 0)
                {
                    // What the kept ones leave, shared as shorter contexts say among all others.
                    backOffs[LetterToSound.Key(context.Key, length - 1)] = Math.Max(1 - kept, 1e-6) / Math.Max(1 - lower, 1e-6);
                }
            }
        }

        // Contexts that have no probability of their own, such as the beginning of a word, need a place too.
        ulong[] keys = [.. probabilities.Keys.Union(backOffs.Keys).Order()];
        return new LetterToSound(
            graphones, keys,
            [.. keys.Select(key => LetterToSound.Quantize(probabilities.GetValueOrDefault(key, 1e-7)))],
            [.. keys.Select(key => LetterToSound.Quantize(Math.Min(backOffs.GetValueOrDefault(key, 1), 1)))]);
    }

    /// <summary>
    /// By length: the longest sequences as often as they occur, shorter ones by how many different graphones stand before them, so that
    /// a piece that is frequent in one place only is not thought likely everywhere. Those at the beginning of a word, before which nothing
    /// else can stand, as often as they occur.
    /// </summary>
    static Dictionary<ulong, int>[] Count(List<int[]> sequences)
    {
        var counts = Enumerable.Range(0, LetterToSound.Order + 1).Select(_ => new Dictionary<ulong, int>()).ToArray();
        var seen = Enumerable.Range(0, LetterToSound.Order + 1).Select(_ => new HashSet<ulong>()).ToArray();
        foreach (var sequence in sequences)
        {
            ulong history = 0;
            for (var at = 0; at < sequence.Length; at++)
            {
                var whole = (history << LetterToSound.Bits) | (uint)sequence[at];
                for (var length = 1; length <= LetterToSound.Order; length++)
                {
                    var key = whole & ((1UL << (LetterToSound.Bits * length)) - 1);
                    var longer = whole & ((1UL << (LetterToSound.Bits * (length + 1))) - 1);
                    if (length == LetterToSound.Order || at + 1 < length || seen[length].Add(longer))
                    {
                        counts[length][key] = counts[length].GetValueOrDefault(key) + 1;
                    }
                }

                history = whole & ((1UL << (LetterToSound.Bits * (LetterToSound.Order - 1))) - 1);
            }
        }

        return counts;
    }

    static double Look(
        Dictionary<ulong, double> probabilities, Dictionary<ulong, double> backOffs, ulong context, int length, int next)
    {
        var factor = 1.0;
        for (; length >= 0; length--)
        {
            context = length == 0 ? 0 : context & ((1UL << (LetterToSound.Bits * length)) - 1);
            if (probabilities.TryGetValue(LetterToSound.Key((context << LetterToSound.Bits) | (uint)next, length + 1), out var found))
            {
                return factor * found;
            }

            factor *= length > 0 ? backOffs.GetValueOrDefault(LetterToSound.Key(context, length), 1) : 1;
        }

        return factor * 1e-7;
    }
}
