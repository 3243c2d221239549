using System.Text;
using System.Text.RegularExpressions;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// An article of one or two sentences for each person, place, event, animal, plant, ... of WordNet: tab-separated part of speech, words,
/// definition, examples, broader words, with a heading.
/// </summary>
static partial class WordArticles
{
    /// <summary>Where the file lies below the folder of sources.</summary>
    public const string FileName = "text/wordnet.tsv.zst";

    // Whatever is one of these is in: names, and what else a first encyclopedia is asked for. The rest of the dictionary is not.
    static readonly string[] s_roots =
        """
        animal, vertebrate, mammal, bird, fish, reptile, amphibian, insect, spider, snake, dinosaur, shark, whale, carnivore, ungulate,
        primate, rodent, dog, cat, horse, bear, mollusk, crustacean, beetle, butterfly, moth, owl, duck, wading bird, plant, tree, flower,
        shrub, herb, vine, fern, fungus, mushroom, microorganism, virus, edible fruit, vegetable, grain, nut, spice, chemical element,
        metallic element, chemical compound, compound, acid, gas, mineral, rock, gem, alloy, particle, physical phenomenon, celestial body,
        planet, star, constellation, galaxy, disease, body part, organ, bone, muscle, hormone, enzyme, vitamin, drug, musical instrument,
        musical composition, dance, art, poem, sport, game, martial art, natural language, alphabet, religion, deity, holiday, ceremony,
        weapon, vehicle, wheeled vehicle, vessel, ship, boat, aircraft, machine, tool, measuring instrument, scientific instrument, science,
        mathematics, phobia, monetary unit, unit of measurement, atmospheric phenomenon, wind, storm, geological formation,
        natural elevation, body of water, geological time, polygon, solid, dish, beverage, cheese, bread, cake, pasta, sauce, fabric,
        garment, footwear, headdress, building, church, temple, form of government, government, political orientation,
            philosophical doctrine,
        theory, law, ruler, leader, scientist, artist, musician, performer, craftsman, worker, specialist, doctor
        """.Split((char[])[',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static readonly string[] s_notWanted = ["genus", "family", "order", "class", "suborder", "superfamily", "phylum", "division"];

    public static async Task<IReadOnlyList<Document>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var entries = new List<Entry>();
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var (number, bytes) in LineReader.ReadAsync(content, path, cancellationToken))
        {
            var fields = Encoding.UTF8.GetString(bytes.Span).Split('\t');
            if (number > 1 && fields is ["noun", var words, var gloss, _, var broader, ..])
            {
                entries.Add(new Entry(words.Split(", "), gloss, broader.Split("; ", StringSplitOptions.RemoveEmptyEntries)));
            }
        }

        var kinds = FindKinds(entries);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var articles = new List<Document>();
        foreach (var entry in entries.Where(entry => IsWanted(entry, kinds)))
        {
            var title = TitleOf(entry);
            var sense = names[title] = names.GetValueOrDefault(title) + 1;
            articles.Add(new Document(
                new DocumentOrigin("wordnet", sense == 1 ? $"wordnet:{title}" : $"wordnet:{title}#{sense}") { Licence = "WordNet" },
                Write(entry, title), title));
        }

        return articles;
    }

    /// <summary>
    /// All words below the roots. Broader words are named without their sense, so only words of one sense lead further down: else the rock
    /// that is music would make singers of minerals.
    /// </summary>
    static HashSet<string> FindKinds(List<Entry> entries)
    {
        var senses = entries.CountBy(entry => entry.Words[0]).ToDictionary(StringComparer.Ordinal);
        var kinds = new HashSet<string>(s_roots, StringComparer.Ordinal);
        int before;
        do
        {
            before = kinds.Count;
            foreach (var entry in entries.Where(entry => senses[entry.Words[0]] == 1 && entry.Broader.Any(kinds.Contains)))
            {
                kinds.Add(entry.Words[0]);
            }
        }
        while (kinds.Count > before);

        return kinds;
    }

    static bool IsWanted(Entry entry, HashSet<string> kinds) =>
        !entry.Broader.Any(broader => s_notWanted.Any(rank => broader.EndsWith(rank, StringComparison.Ordinal)))
            && entry.Gloss.Length >= 20
            && (entry.Words.Any(word => word.Length > 1 && char.IsUpper(word[0])) || entry.Broader.Any(kinds.Contains));

    /// <summary>"Washington, George Washington, President Washington" is George Washington.</summary>
    static string TitleOf(Entry entry)
    {
        var first = entry.Words[0];
        return Lifetime().IsMatch(entry.Gloss)
            && entry.Words.Skip(1).FirstOrDefault(word =>
                word.EndsWith(' ' + first, StringComparison.Ordinal) && !word.Contains(" of ", StringComparison.Ordinal)
                && !Rank().IsMatch(word)) is { } whole
            ? whole
            : first;
    }

    static string Write(Entry entry, string title)
    {
        var text = new StringBuilder($"{title}: {ArticleText.SpellOrdinals(entry.Gloss)}.");
        // What a name stands for its definition says as a rule.
        var isName = char.IsUpper(title[0]);
        string[] kinds = [.. entry.Broader.Where(kind => !isName || !entry.Gloss.Contains(kind, StringComparison.OrdinalIgnoreCase))];
        if (kinds.Length > 0)
        {
            text.Append($" {(isName ? "Kind:" : "A kind of")} {string.Join(", ", kinds)}.");
        }

        string[] others = [.. entry.Words.Where(word => word != title)];
        if (others.Length > 0)
        {
            text.Append($" Also called {string.Join(", ", others)}.");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\((born (in )?\d{3,4}|[^)]*\d{2,4}( BC)?-\d{2,4})", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Lifetime();

    [GeneratedRegex(@"^(President|Sir|Lord|Lady|Saint|St\.|King|Queen|General|Dame|Baron|Count|Pope) ", RegexOptions.ExplicitCapture,
        10_000)]
    private static partial Regex Rank();

    sealed record Entry(string[] Words, string Gloss, string[] Broader);
}
