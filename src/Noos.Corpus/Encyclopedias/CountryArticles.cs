using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// An article for each country and territory out of the World Factbook's JSON: sentences that name the country, so that each can be read
/// by itself.
/// </summary>
static partial class CountryArticles
{
    /// <summary>Where the file lies below the folder of sources.</summary>
    public const string FileName = "text/factbook.jsonl.zst";

    // Each line becomes a paragraph: what is asked for together stands together.
    static readonly (string Sentence, string Section, string Field, string? Inner)[][] s_lines =
    [
        [
            ("{0} is a place in {1}.", "Geography", "Location", null),
            ("The capital city of {0} is {1}.", "Government", "Capital", "name"),
            ("The population of {0}, the number of people who live there, is {1}.", "People and Society", "Population", "total"),
            ("The full name of {0} is {1}.", "Government", "Country name", "conventional long form"),
        ],
        [
            ("The languages that people in {0} speak are {1}.", "People and Society", "Languages", "Languages"),
            ("The people of {0} are called {1}.", "People and Society", "Nationality", "noun"),
            ("Ethnic groups of {0}: {1}.", "People and Society", "Ethnic groups", "text"),
            ("Religions in {0}: {1}.", "People and Society", "Religions", "text"),
        ],
        [
            ("The area of {0}, how large the country is: {1}.", "Geography", "Area", "total "),
            ("That is {1}.", "Geography", "Area - comparative", null),
            ("{0} has borders with these neighbouring countries: {1}.", "Geography", "Land boundaries", "border countries"),
            ("The highest point (mountain) in {0} is {1}.", "Geography", "Elevation", "highest point"),
            ("The lowest point in {0} is {1}.", "Geography", "Elevation", "lowest point"),
            ("Coastline of {0}: {1}.", "Geography", "Coastline", null),
        ],
        [
            ("The climate and weather of {0}: {1}.", "Geography", "Climate", null),
            ("The land (terrain) of {0}: {1}.", "Geography", "Terrain", null),
            ("Natural resources of {0}: {1}.", "Geography", "Natural resources", null),
            ("Major rivers in {0}: {1}.", "Geography", "Major rivers (by length in km)", null),
            ("Major lakes in {0}: {1}.", "Geography", "Major lakes (area sq km)", null),
        ],
        [
            ("The currency (money) used in {0}: {1}.", "Economy", "Exchange rates", "Currency"),
            ("Industries in {0}: {1}.", "Economy", "Industries", null),
            ("Agricultural products of {0}: {1}.", "Economy", "Agricultural products", "text"),
            ("Exports, what {0} sells to other countries: {1}.", "Economy", "Exports - commodities", "text"),
            ("{0} exports to {1}.", "Economy", "Exports - partners", "text"),
        ],
        [
            ("The type of government and political system of {0}: {1}.", "Government", "Government type", null),
            ("The head of state of {0}, its leader, is {1}.", "Government", "Executive branch", "chief of state"),
            ("The head of government of {0} is {1}.", "Government", "Executive branch", "head of government"),
            ("{0} became independent (independence): {1}.", "Government", "Independence", null),
            ("The national holiday of {0}: {1}.", "Government", "National holiday", null),
            ("National symbols of {0}: {1}.", "Government", "National symbol(s)", null),
            ("The national anthem of {0} is {1}.", "Government", "National anthem(s)", "title"),
            ("The largest cities in {0}: {1}.", "People and Society", "Major urban areas - population", null),
        ],
        [
            ("History of {0}: {1}", "Introduction", "Background", null),
        ],
    ];

    // A name in capitals, as the Factbook writes family names, reads badly.
    const int MaxValueLength = 260;
    const int MaxHistoryLength = 900;

    public static async Task<IReadOnlyList<Document>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var articles = new List<Document>();
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var row in JsonRow.ReadAsync(content, path, cancellationToken))
        {
            if (row.Value.TryGetProperty("facts", out var facts) && NameOf(row, facts) is { } name
                && Write(name, facts) is { Length: > 0 } text)
            {
                articles.Add(new Document(
                    new DocumentOrigin(
                        "factbook", $"https://github.com/factbook/factbook.json/blob/master/{row.Text("region")}/{row.Text("code")}.json")
                    {
                        FetchedAt = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero),
                        Licence = "CC0",
                    },
                    text, name));
            }
        }

        return articles;
    }

    /// <summary>What people call it; null for oceans and the world, whose facts have other fields.</summary>
    static string? NameOf(JsonRow row, JsonElement facts)
    {
        var name = row.OptionalText("name") is { Length: > 0 } given and not "none" and not "DRC" and not "The Dominican"
            ? given
            : Value(facts, "Government", "Country name", "conventional long form");
        name = name is null ? null : Brackets().Replace(name, "").Split(", ")[0].Trim();
        return name is null or "" or "none" ? null : name;
    }

    static string Write(string name, JsonElement facts)
    {
        var text = new StringBuilder();
        foreach (var line in s_lines)
        {
            var sentences = line.Select(fact => (fact.Sentence, Value: Value(facts, fact.Section, fact.Field, fact.Inner)))
                .Where(fact => fact.Value is not null and not "none" and not "NA")
                .Select(fact => string.Format(null, fact.Sentence, name, fact.Value)).ToArray();
            if (sentences.Length > 0 && !sentences[0].StartsWith("That is ", StringComparison.Ordinal))
            {
                text.Append(text.Length > 0 ? "\n" : "").AppendJoin(' ', sentences);
            }
        }

        return ProseText.Clean(text.ToString());
    }

    static string? Value(JsonElement facts, string section, string field, string? inner)
    {
        if (!facts.TryGetProperty(section, out var fields) || fields.ValueKind != JsonValueKind.Object
            || !fields.TryGetProperty(field, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            value = value.TryGetProperty(inner ?? "text", out var part) || value.TryGetProperty("text", out part) ? part : default;
        }

        return value.ValueKind == JsonValueKind.String ? Mend(value.GetString()!, section == "Introduction") : null;
    }

    static string Mend(string value, bool isHistory)
    {
        var text = Note().Replace(value, "");
        text = Capitals().Replace(text, match => match.Value[..1] + match.Value[1..].ToLowerInvariant());
        text = Currency().Replace(text, "").Trim().TrimEnd(';', ',', '.').Trim();
        return isHistory
            ? ArticleText.Cut(text + ".", MaxHistoryLength)
            : text.Length <= MaxValueLength ? text : text[..CutAt(text)].TrimEnd(' ', ';', ',');
    }

    static int CutAt(string text)
    {
        var cut = text.LastIndexOfAny([';', ','], MaxValueLength);
        return cut > 0 ? cut : text.LastIndexOf(' ', MaxValueLength) is > 0 and var space ? space : MaxValueLength;
    }

    [GeneratedRegex(@"\s*\(.*?\)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Brackets();

    [GeneratedRegex(@"(^|;?\s+)note( \d+)?:.*$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 10_000)]
    private static partial Regex Note();

    [GeneratedRegex(@"\b\p{Lu}{4,}\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Capitals();

    [GeneratedRegex(@" per US dollar\s*-?", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Currency();
}
