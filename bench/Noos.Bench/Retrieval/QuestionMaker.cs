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
/// (WebQuestions, OpenTriviaQA) whose answer stands in an article beside what the question speaks of; and questions in other words than
/// the articles' about countries, people and things. Half of all, by their
/// hash, are held out; the other half is for tuning.
/// </summary>
static partial class QuestionMaker
{
    // More and the question is too easy to count.
    const int MaxGold = 8;

    static readonly (string Kind, int Share)[] s_shares =
        [("trivia", 30), ("web", 30), ("country", 16), ("described", 12), ("named", 12)];

    static readonly (string Question, string Needle)[] s_countryQuestions =
    [
        ("Which town is {0} governed from, what is its capital?", "The capital city of {0} is"),
        ("How many inhabitants does {0} have, what is its population?", "The population of {0},"),
        ("Which languages are spoken in {0}?", "The languages that people in {0} speak are"),
        ("What currency does one pay with in {0}?", "The currency (money) used in {0}"),
        ("Which countries border on {0}?", "{0} has borders with these"),
        ("What is the highest point of {0} called?", "The highest point (mountain) in {0} is"),
        ("What area does {0} cover?", "The area of {0},"),
        ("What kind of climate has {0} got?", "The climate and weather of {0}:"),
        ("Since when has {0} been independent?", "{0} became independent (independence)"),
        ("Who is the head of state of {0} at present?", "The head of state of {0},"),
        ("What are the most important exports of {0}?", "Exports, what {0} sells"),
        ("Where can I find {0} on a map?", "{0} is a place in"),
    ];

    static readonly HashSet<string> s_common = new(
        """
        a an the of in on at to for from by with and or is are was were be been did do does has have had who whom whose what which when
        where
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
        // What several articles answer alike, such as who was a physician, asks for none of them.
        all.AddRange(FromMaterial(articles).GroupBy(question => question.Question).Where(same => same.Count() == 1)
            .Select(same => same.First()));
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
        var byWord = articles.SelectMany(article => article.Words.Select(word => (word, article)))
            .ToLookup(pair => pair.word, pair => pair.article, StringComparer.Ordinal);
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
                    && FindGold(question, answers, byTitle, byWord, articles.Count) is { Count: > 0 and <= MaxGold } gold)
                {
                    found.Add(new RetrievalQuestion(kind, question, [.. gold.Select(article => article.Document.Address).Distinct()],
                        answers));
                }
            }
        }

        return [.. found.DistinctBy(question => question.Question)];
    }

    /// <summary>
    /// Articles that have the answer, in their text or as their title, and beside it either a title that stands in the question and half of
    /// its words, or three quarters of its words and among them a rare one. None where all of them have it by the way: the question must
    /// name one of them, or ask for one.
    /// </summary>
    static List<Article> FindGold(
        string question, string[] answers, ILookup<string, Article> byTitle, ILookup<string, Article> byWord, int articles)
    {
        var words = Words(question);
        string[] wanted = [.. words.Where(word => !s_common.Contains(word)).Distinct()];
        List<string>[] sought = [.. answers.Select(Words).Where(answer => !Contains(words, answer))];
        var near = new HashSet<Article>();
        for (var length = 1; length <= 5; length++)
        {
            for (var start = 0; start + length <= words.Count; start++)
            {
                var name = words.GetRange(start, length);
                if (name.Any(word => !s_common.Contains(word) && word.Length > 3))
                {
                    near.UnionWith(byTitle[string.Join(' ', name)].Where(article => wanted.Count(article.Has) * 2 >= wanted.Length));
                }
            }
        }

        var rare = wanted.Where(word => byWord.Contains(word) && byWord[word].Count() < articles / 200);
        near.UnionWith(rare.SelectMany(word => byWord[word])
            .Where(article => wanted.Length > 1 && wanted.Count(article.Has) * 4 >= wanted.Length * 3));
        List<Article> gold =
            [.. near.Where(article => sought.Any(answer => Contains(article.Text, answer) || Contains(article.Title, answer)))];
        return gold.Exists(article => Contains(words, article.Title)
            || sought.Any(answer => answer.SequenceEqual(article.Title))) ? gold : [];
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
                case "wordnet" when Person().Match(document.Text) is { Success: true } person && title.Contains(' ')
                    && articles.Count(other => other.Document.Text.Contains(person.Groups["what"].Value, StringComparison.Ordinal)) == 1:
                    yield return new RetrievalQuestion("described", $"Who was the {person.Groups["what"].Value}?", [document.Address], []);
                    break;
                case "wikipedia" when Born().IsMatch(document.Text.Split('\n')[0]):
                    yield return new RetrievalQuestion("named", $"When was {title} born?", [document.Address],
                        [Born().Match(document.Text).Value]);
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

    [GeneratedRegex(@"\b(of these|following|odd one|which one|true or false|not)\b",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex NeedsChoices();

    [GeneratedRegex(@": (?<what>[^;:(]{20,110}?)( who [^;:(]*)?(;[^(]*)? \((born (in )?)?\d{4}-?", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Person();

    [GeneratedRegex(@"\bborn (in )?[A-Z0-9][\w ,]{3,18}\d{4}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Born();

    sealed record Article(Document Document, List<string> Title, List<string> Text)
    {
        /// <summary>Each word once, those of the title too.</summary>
        public HashSet<string> Words { get; } = new(Text.Concat(Title), StringComparer.Ordinal);

        public bool Has(string word) => Words.Contains(word);
    }
}
