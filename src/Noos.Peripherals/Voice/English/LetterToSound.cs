using System.Text;
using ZstdSharp;

namespace Noos.Peripherals.Voice.English;

/// <summary>
/// Sounds of words that no dictionary has: the likeliest sequence of <see cref="Graphone"/>s that spells the word, by an n-gram model of
/// such sequences with back-off, learnt from the dictionary (<see cref="LetterToSoundTrainer"/>). Thread-safe.
/// </summary>
sealed class LetterToSound
{
    /// <summary>Graphones that a probability looks at, its own included.</summary>
    public const int Order = 6;

    /// <summary>A graphone's number has so many bits, so that a sequence is one number.</summary>
    public const int Bits = 10;

    /// <summary>Number of the end of a word; the beginning has 0, which no graphone has.</summary>
    public const int End = 1;

    // Steps of stored logarithms, natural ones.
    const float Step = 1 / 16f;
    const int Beam = 24;
    const int MaxLength = 64;
    const ulong HistoryMask = (1UL << (Bits * (Order - 1))) - 1;

    static readonly Lazy<LetterToSound> s_english = new(() =>
    {
        using var resource = typeof(LetterToSound).Assembly.GetManifestResourceStream("Noos.Peripherals.Voice.English.english.lts.zst")!;
        return Read(resource);
    });

    readonly Graphone[] _graphones;
    readonly Dictionary<string, int[]> _byLetters;
    readonly ulong[] _keys;
    readonly byte[] _scores;
    readonly byte[] _backOffs;

    /// <param name="graphones">By number; those of beginning and end are empty.</param>
    /// <param name="keys">Sequences, sorted: the last graphone in the lowest bits, a leading one above its first.</param>
    /// <param name="scores">Of each: minus the logarithm of its last graphone's probability after the others, in steps.</param>
    /// <param name="backOffs">Of each: minus the logarithm of what remains for graphones that never followed it, in steps.</param>
    internal LetterToSound(Graphone[] graphones, ulong[] keys, byte[] scores, byte[] backOffs)
    {
        (_graphones, _keys, _scores, _backOffs) = (graphones, keys, scores, backOffs);
        _byLetters = graphones.Select((graphone, number) => (graphone.Letters, number)).Skip(End + 1)
            .GroupBy(pair => pair.Letters, pair => pair.number, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    public static LetterToSound English => s_english.Value;

    /// <summary>The sounds of a word in small letters. What is no letter is passed over; never empty for a word with letters.</summary>
    public string[] Pronounce(string word)
    {
        var letters = new string([.. word.Where(letter => _byLetters.ContainsKey(letter.ToString())).Take(MaxLength)]);
        var open = new List<Hypothesis>[letters.Length + 1];
        for (var i = 0; i <= letters.Length; i++)
        {
            open[i] = [];
        }

        open[0].Add(new Hypothesis(0, 0, null, 0));
        for (var at = 0; at < letters.Length; at++)
        {
            foreach (var hypothesis in Best(open[at]))
            {
                for (var length = 1; length <= 2 && at + length <= letters.Length; length++)
                {
                    foreach (var next in _byLetters.GetValueOrDefault(letters.Substring(at, length), []))
                    {
                        open[at + length].Add(Extend(hypothesis, next));
                    }
                }
            }
        }

        var best = open[^1].Select(hypothesis => Extend(hypothesis, End)).MinBy(hypothesis => hypothesis.Cost);
        var sounds = new List<string>();
        for (var step = best?.Before; step?.Before is not null; step = step.Before)
        {
            sounds.InsertRange(0, ArpabetSymbols.Unpack(_graphones[step.Number].Sounds));
        }

        Stress(sounds);
        return [.. sounds];
    }

    /// <exception cref="FormatException">It is no such file.</exception>
    internal static LetterToSound Read(Stream packed)
    {
        using var stream = new DecompressionStream(packed);
        using var reader = new BinaryReader(stream, Encoding.ASCII);
        try
        {
            if (reader.ReadInt32() != Magic)
            {
                throw new FormatException("it does not begin as such a file does");
            }

            var graphones = new Graphone[reader.ReadInt32() is > End and <= 1 << Bits and var count
                ? count : throw new FormatException("it has an impossible number of graphones")];
            for (var i = 0; i < graphones.Length; i++)
            {
                graphones[i] = new Graphone(reader.ReadString(), reader.ReadString());
            }

            var keys = new ulong[reader.ReadInt32() is >= 0 and <= 1 << 24 and var entries
                ? entries : throw new FormatException("it has an impossible number of sequences")];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = (i > 0 ? keys[i - 1] : 0) + (ulong)reader.Read7BitEncodedInt64();
            }

            return new LetterToSound(graphones, keys, reader.ReadBytes(keys.Length), reader.ReadBytes(keys.Length));
        }
        catch (Exception e) when (e is EndOfStreamException or ZstdException)
        {
            throw new FormatException("it ends too early, or is damaged", e);
        }
    }

    /// <summary>Writes what <see cref="Read"/> reads.</summary>
    internal void Write(Stream target)
    {
        using var stream = new CompressionStream(target, 19);
        using var writer = new BinaryWriter(stream, Encoding.ASCII);
        writer.Write(Magic);
        writer.Write(_graphones.Length);
        foreach (var graphone in _graphones)
        {
            writer.Write(graphone.Letters);
            writer.Write(graphone.Sounds);
        }

        writer.Write(_keys.Length);
        for (var i = 0; i < _keys.Length; i++)
        {
            writer.Write7BitEncodedInt64((long)(_keys[i] - (i > 0 ? _keys[i - 1] : 0)));
        }

        writer.Write(_scores);
        writer.Write(_backOffs);
    }

    /// <summary>A logarithm of a probability in steps; the byte's largest stands for all below.</summary>
    internal static byte Quantize(double probability) => (byte)Math.Clamp(Math.Round(-Math.Log(probability) / Step), 0, 255);

    // "LTS1"
    const int Magic = 0x3153544C;

    Hypothesis Extend(Hypothesis from, int next) =>
        new(from.Cost + Cost(from.History, next), ((from.History << Bits) | (uint)next) & HistoryMask, from, next);

    /// <summary>Minus the logarithm of a graphone's probability after others: the longest sequence that is known decides.</summary>
    float Cost(ulong history, int next)
    {
        var cost = 0;

        // A history of leading zeros is that of the beginning, which counts as one graphone there and none beyond.
        for (var length = Order - 1; length >= 0; length--)
        {
            var context = length == 0 ? 0 : history & ((1UL << (Bits * length)) - 1);
            if (Find(Key(context, length) << Bits | (uint)next) is >= 0 and var found)
            {
                return (cost + _scores[found]) * Step;
            }

            if (length > 0 && Find(Key(context, length)) is >= 0 and var shorter)
            {
                cost += _backOffs[shorter];
            }
        }

        return (cost + 255) * Step;
    }

    /// <summary>A sequence as a number: a one above its first graphone tells lengths apart.</summary>
    internal static ulong Key(ulong sequence, int length) => sequence | (1UL << (Bits * length));

    int Find(ulong key) => Array.BinarySearch(_keys, key);

    static IEnumerable<Hypothesis> Best(List<Hypothesis> open) => open
        .GroupBy(hypothesis => hypothesis.History)
        .Select(same => same.MinBy(hypothesis => hypothesis.Cost)!)
        .OrderBy(hypothesis => hypothesis.Cost)
        .Take(Beam);

    /// <summary>Every word has one main stress; the first of several, else the first vowel.</summary>
    static void Stress(List<string> sounds)
    {
        var main = sounds.FindIndex(sound => sound.EndsWith('1'));
        main = main >= 0 ? main : sounds.FindIndex(ArpabetSymbols.IsVowel);
        for (var i = 0; i < sounds.Count; i++)
        {
            if (ArpabetSymbols.IsVowel(sounds[i]) && (i == main || sounds[i][2] == '1'))
            {
                sounds[i] = sounds[i][..2] + (i == main ? '1' : '2');
            }
        }
    }

    sealed record Hypothesis(float Cost, ulong History, Hypothesis? Before, int Number);
}
