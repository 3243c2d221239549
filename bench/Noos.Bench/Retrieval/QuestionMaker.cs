using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using Noos.Corpus.Documents;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Reading;

namespace Noos.Bench.Retrieval;

/// <summary>
/// Makes questions with known answers for an encyclopedia, by rules that never look at how a search ranks: people's own questions
/// (WebQuestions, OpenTriviaQA) whose answer stands in an article that the question names, or is the title of an article that speaks of
/// what the question names; and questions in other words than the articles' about countries, people and things. Half of all, by their
/// hash, are held out; the other half is for tuning.
/// </summary>
static partial class QuestionMaker
{
    static readonly (string Kind, int Share)[] s_shares =
        [("trivia", 30), ("web", 30), ("country", 16), ("described", 12), ("named", 12)];

    static readonly (string Question, string Needle)[] s_countryQuestions =
    [
        ("What city is the capital of {0}?", "The capital of {0} is"),
        ("How many people live in {0}?", "The population of {0} is"),
        ("What language do people speak in {0}?", "The languages spoken in {0} are"),
        ("What money do they use in {0}?", "The currency (money) of {0}"),
        ("Which countries are neighbours of {0}?", "{0} has borders with these countries"),
        ("What is the highest mountain in {0}?", "The highest point of {0} is"),
        ("How big is {0}?", "The area of {0} is"),
        ("What is the weather like in {0}?", "The climate of {0} is"),
        ("When did {0} become independent?", "Independence of {0}"),
        ("Who governs {0}?", "The chief of state (leader) of {0} is"),
        ("What does {0} sell to other countries?", "Exports of {0}"),
        ("Where is {0}?", "{0} is in this place"),
    ];

    static readonly HashSet<string> s_common = new(
        """
        a an the of in on at to for from by with and or is are was were be been did do does has have had who whom whose what which when where
        why how many much name named called this that these those it its he she his her they their first last one two three four five year
        years man woman person people world country city state movie film song book series show time day play part word term war king
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    public static async Task RunAsync(string pack, string data, string output, IReadOnlyList<string> options)
    {
        var isHeldOut = !options.Contains("set=tuning");
        var count = options.Select(option => option.Split('=')).Where(pair => pair[0] == "count")
            .Select(pair => int.Parse(pair[1], CultureInfo.InvariantCulture)).FirstOrDefault(300);
        var articles = new List<Article>();
        await foreach (var document in DocumentPack.ReadAsync(pack))
        {
            articles.Add(new Article(document, Words(document.Title!), Words(document.Text)));
        }

        var all = new List<RetrievalQuestion>();
        all.AddRange(await FromPeopleAsync(articles, data));
        all.AddRange(FromMaterial(articles));
        var chosen = new List<RetrievalQuestion>();
        foreach (var (kind, share) in s_shares)
        {
            var some = all.Where(question => question.Kind == kind && Hash(question.Question) % 2 == (isHeldOut ? 0UL : 1UL))
                .OrderBy(question => Hash(question.Question)).ToArray();
            Console.WriteLine($"{kind}: {some.Length} questions, of which {count * share / 100} are taken");
            chosen.AddRange(some.Take(count * share / 100));
        }

        RetrievalQuestion.Write(output, chosen);
        Console.WriteLine($"Wrote {output} ({chosen.Count} questions).");
    }

    /// <summary>Questions that people wrote, with their answers.</summary>
    static async Task<IReadOnlyList<RetrievalQuestion>> FromPeopleAsync(List<Article> articles, string data)
    {
        var byTitle = articles.Where(article => article.Title.Count is > 0 and <= 6)
            .ToLookup(article => string.Join(' ', article.Title), StringComparer.Ordinal);
        var rarity = articles.SelectMany(article => article.Text.Concat(article.Title).Distinct()).CountBy(word => word)
            .ToDictionary(StringComparer.Ordinal);
        var found = new List<RetrievalQuestion>();
        foreach (var (kind, file) in ((string, string)[])
            [
                ("trivia", "sft/trivia.jsonl.zst"), ("web", "sft/webquestions_val.jsonl.zst"),
                ("web", "sft/webquestions_devtest.jsonl.zst"), ("web", "sft/webquestions_trainmodel.jsonl.zst"),
            ])
        {
            var path = Path.Combine(data, file);
            await using var content = CompressedFile.OpenRead(path);
            await foreach (var row in JsonRow.ReadAsync(content, path))
            {
                var question = row.Text("question").Trim();
                string[] answers = row.OptionalText("answer") is { } single
                    ? [single]
                    : [.. row.Value.GetProperty("answers").EnumerateArray().Select(answer => answer.GetString()!)];
                answers = [.. answers.Where(IsAnswer)];
                if (answers.Length > 0 && !NeedsChoices().IsMatch(question)
                    && (Named(kind, question, answers, byTitle) ?? Titled(kind, question, answers, byTitle, rarity, articles.Count)) is { } made)
                {
                    found.Add(made);
                }
            }
        }

        return [.. found.DistinctBy(question => question.Question)];
    }

    /// <summary>The question names an article, and the answer stands in it beside other words of the question.</summary>
    static RetrievalQuestion? Named(string kind, string question, string[] answers, ILookup<string, Article> byTitle)
    {
        var words = Words(question);
        var wanted = words.Where(word => !s_common.Contains(word)).ToHashSet(StringComparer.Ordinal);
        var gold = new List<Article>();
        for (var length = 5; length >= 1 && gold.Count == 0; length--)
        {
            for (var start = 0; start + length <= words.Count; start++)
            {
                var name = words.GetRange(start, length);
                if (name.Any(word => !s_common.Contains(word) && word.Length > 3))
                {
                    gold.AddRange(byTitle[string.Join(' ', name)].Where(article =>
                        article.Title.TrueForAll(words.Contains)
                            && answers.Any(answer => !Contains(words, Words(answer)) && Contains(article.Text, Words(answer)))
                            && wanted.Count(word => article.Title.Contains(word) || article.Has(word)) * 2 >= wanted.Count));
                }
            }
        }

        return gold.Count is 0 or > 3 ? null : new RetrievalQuestion(
            kind, question, [.. gold.Select(article => article.Document.Address).Distinct()], answers);
    }

    /// <summary>The answer is an article, and it speaks of something rare that the question names, and of half of its words.</summary>
    static RetrievalQuestion? Titled(
        string kind, string question, string[] answers, ILookup<string, Article> byTitle, Dictionary<string, int> rarity, int articles)
    {
        string[] wanted = [.. Words(question).Where(word => !s_common.Contains(word)).Distinct()];
        var gold = answers.SelectMany(answer => byTitle[string.Join(' ', Words(answer))])
            .Where(article => !Contains(Words(question), article.Title)
                && wanted.Count(article.Has) is var known && known >= 2 && known * 2 >= wanted.Length
                && wanted.Any(word => article.Has(word) && rarity.GetValueOrDefault(word) < articles / 200))
            .ToArray();
        return gold.Length is 0 or > 3 ? null : new RetrievalQuestion(
            kind, question, [.. gold.Select(article => article.Document.Address).Distinct()], []);
    }

    static IEnumerable<RetrievalQuestion> FromMaterial(List<Article> articles)
    {
        foreach (var article in articles)
        {
            var (document, title) = (article.Document, article.Document.Title!);
            switch (document.Source)
            {
                case "factbook":
                    foreach (var (question, needle) in s_countryQuestions)
                    {
                        var sentence = string.Format(CultureInfo.InvariantCulture, needle, title);
                        if (document.Text.Contains(sentence, StringComparison.Ordinal))
                        {
                            yield return new RetrievalQuestion(
                                "country", string.Format(CultureInfo.InvariantCulture, question, title), [document.Address], [sentence]);
                        }
                    }

                    break;
                case "wordnet" when Person().Match(document.Text) is { Success: true } person && title.Contains(' '):
                    yield return new RetrievalQuestion("described", $"Who was the {person.Groups["what"].Value}?", [document.Address], []);
                    break;
                case "wikipedia" when Born().IsMatch(document.Text.Split('\n')[0]):
                    yield return new RetrievalQuestion("named", $"When was {title} born?", [document.Address], [Born().Match(document.Text).Value]);
                    break;
                case "wikipedia" when !title.Contains('('):
                    yield return new RetrievalQuestion("named", $"What is {title}?", [document.Address], [FirstWords(document.Text)]);
                    break;
                case "openstax":
                    yield return new RetrievalQuestion("named", $"What does {title} mean?", [document.Address], []);
                    break;
                default:
                    break;
            }
        }
    }

    static string FirstWords(string text) => text[..Math.Min(text.Length, 40)];

    static bool IsAnswer(string answer) => answer.Length is >= 3 and <= 60 && answer.Any(char.IsLetterOrDigit)
        && answer is not ("True" or "False" or "Yes" or "No") && !answer.StartsWith("http", StringComparison.Ordinal);

    /// <summary>Words in lower case, without accents being changed: the rule of the gold is not the rule of the search.</summary>
    static List<string> Words(string text)
    {
        var words = new List<string>();
        foreach (var match in Word().EnumerateMatches(text))
        {
            words.Add(text.Substring(match.Index, match.Length).ToLowerInvariant());
        }

        return words;
    }

    static bool Contains(List<string> text, List<string> part)
    {
        for (var i = 0; part.Count > 0 && i + part.Count <= text.Count; i++)
        {
            if (text.GetRange(i, part.Count).SequenceEqual(part, StringComparer.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    static ulong Hash(string text) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(of these|following|odd one|which one|true or false|not)\b", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex NeedsChoices();

    [GeneratedRegex(@": (?<what>[^;:(]{20,110}?)( who [^;:(]*)?(;[^(]*)? \((born (in )?)?\d{4}-?", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Person();

    [GeneratedRegex(@"\bborn (in )?[A-Z0-9][\w ,]{3,18}\d{4}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Born();

    sealed record Article(Document Document, List<string> Title, List<string> Text)
    {
        readonly HashSet<string> _words = new(Text, StringComparer.Ordinal);

        public bool Has(string word) => _words.Contains(word);
    }
}
