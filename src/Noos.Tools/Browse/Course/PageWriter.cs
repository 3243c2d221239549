using Noos.Core.Conversations;
using Noos.Courses.Lessons;
using Noos.Courses.Reading;
using Noos.Tools.Lessons;

namespace Noos.Tools.Browse.Course;

/// <summary>
/// Writes requests for pages, with results in the shape of <see cref="OpenPageTool"/>: by address, by the number of a link, the next page
/// of a long text, the page behind the result of a search; pages that cannot be opened, and texts that need not be.
/// </summary>
sealed class PageWriter(Draw draw, PagePhrases phrases, IEnumerator<ReadingItem> items)
{
    const string NotSaid = "The page does not say.";

    static readonly string[] s_endings = ["org", "com", "net", "info"];

    static readonly (string Error, string Answer)[] s_errors =
    [
        ("{h} cannot be reached; try another address.", "I could not reach {h}."),
        ("What is at {h} has no text.", "There is no text at {h}."),
        ("The connection to {h} was cut; try again.", "The connection to {h} was cut."),
        ("The page at {h} has no text without its scripts; try another address.", "I cannot read the page at {h}: it has no text."),
    ];

    public CallLesson Next() => draw.Index(0, 99) switch
    {
        < 45 => Open(),
        < 60 => Link(),
        < 70 => Following(),
        < 88 => Search(),
        _ => Given(),
    };

    CallLesson Open()
    {
        var (item, page) = NextPage(maxPassages: 3);
        // People write addresses with and without their beginning, and get them back as they wrote them.
        var written = draw.Chance(0.6) ? page.Address : page.Address["https://".Length..];
        var prompt = Conversation.From(Message.User(WordingTemplate.Fill(draw.Pick(phrases.Open), ("a", written), ("q", item.Question))));
        if (draw.Chance(0.12))
        {
            var (error, said) = draw.Pick(s_errors);
            var host = new Uri(page.Address).Host;
            return new(
                "address", prompt, Call(written),
                new ToolResultPart(OpenPageTool.Name, WordingTemplate.Fill(error, ("h", host)), IsError: true),
                WordingTemplate.Fill(said, ("h", host)));
        }

        return new("address", prompt, Call(written), Result(page.Text), item.Answer ?? NotSaid);
    }

    CallLesson Link()
    {
        var (_, page) = NextPage(maxPassages: 1);
        var targets = new List<(Page Page, string Subject)>();
        for (var count = draw.Index(2, 4); targets.Count < count;)
        {
            var (item, target) = NextPage(maxPassages: 1);
            targets.Add((target, Subject(item)));
        }

        var list = string.Join(", ", targets.Select((target, index) => $"{target.Subject} [{index + 1}]"));
        var links = string.Join('\n', targets.Select((target, index) => $"[{index + 1}] {target.Page.Address}"));
        var chosen = draw.Index(1, targets.Count);
        var question = WordingTemplate.Fill(draw.Pick(phrases.Link), ("n", $"{chosen}"), ("s", targets[chosen - 1].Subject));
        var prompt = Conversation.From(
            Message.User(draw.Pick($"Open {page.Address}.", $"Read {page.Address}", $"What is on {page.Address}?", page.Address)),
            Message.Assistant(Call(page.Address)), Message.Tool(Result($"{page.Text}\n\nSee also: {list}\n\nLinks:\n{links}")),
            Message.Assistant(page.FirstSentence), Message.User(question));
        var opened = targets[chosen - 1].Page;
        return new("link", prompt, Call($"{chosen}"), Result(opened.Text), opened.FirstSentence);
    }

    CallLesson Following()
    {
        var (_, page) = NextPage(maxPassages: 1);
        var (_, next) = NextPage(maxPassages: 1);
        var (pages, number) = (draw.Index(2, 9), 1);
        number = draw.Index(1, pages - 1);
        var opening = number == 1 ? Call(page.Address) : Call(page.Address, number);
        var prompt = Conversation.From(
            Message.User(number == 1 ? $"Open {page.Address}." : $"Open page {number} of {page.Address}."),
            Message.Assistant(opening), Message.Tool(Result(page.PageOf(number, pages))), Message.Assistant(page.FirstSentence),
            Message.User(draw.Pick(phrases.Next)));
        var shown = (page with { Body = next.Body }).PageOf(number + 1, pages);
        return new("next page", prompt, Call(page.Address, number + 1), Result(shown), next.FirstSentence);
    }

    CallLesson Search()
    {
        while (true)
        {
            items.MoveNext();
            var item = items.Current;
            if (item.Answer is null || Sentences.First(item.Passages[item.Passage]).Contains(item.Answer, StringComparison.Ordinal))
            {
                continue;
            }

            var addresses = item.Passages.Select(_ => Address()["https://".Length..]).ToArray();
            var found = string.Join('\n', item.Passages.Select((passage, index) =>
                $"[{index + 1}] {item.Subjects[index].Trim('"')} ({addresses[index]})\n{Sentences.First(passage)} ..."));
            var prompt = Conversation.From(
                Message.User(WordingTemplate.Fill(draw.Pick(phrases.Search), ("q", item.Question))),
                Message.Assistant(ToolCourse.CreateCall(ToolWriter.SearchName, ToolWriter.SearchArgument, ToolWriter.Query(item))),
                Message.Tool(new ToolResultPart(ToolWriter.SearchName, found)));
            var page = new Page(
                "https://" + addresses[item.Passage], item.Subjects[item.Passage].Trim('"'), item.Passages[item.Passage]);
            return new("search result", prompt, Call(addresses[item.Passage]), Result(page.Text), item.Answer);
        }
    }

    CallLesson Given()
    {
        var (item, page) = NextPage(maxPassages: 1);
        var question = WordingTemplate.Fill(draw.Pick(phrases.Given), ("a", page.Address), ("t", page.Body), ("q", item.Question));
        return new("no call", Conversation.From(Message.User(question)), null, null, item.Answer ?? ReadingCourse.Refusal);
    }

    /// <summary>A page about an item; of several passages it has all.</summary>
    (ReadingItem Item, Page Page) NextPage(int maxPassages)
    {
        do
        {
            items.MoveNext();
        }
        while (items.Current.Passages.Count > maxPassages);

        var item = items.Current;
        return (item, new Page(Address(), Subject(item), string.Join("\n\n", item.Passages)));
    }

    string Address()
    {
        var path = draw.Chance(0.5) ? draw.InventedWord() : $"{draw.InventedWord()}-{draw.InventedWord()}";
        return $"https://{(draw.Chance(0.4) ? "www." : "")}{draw.InventedWord()}.{draw.Pick(s_endings)}/{path}";
    }

    static string Subject(ReadingItem item) => item.Subjects[0].Trim('"');

    static ToolResultPart Result(string text) => new(OpenPageTool.Name, text);

    static ToolCallPart Call(string address) => ToolCourse.CreateCall(OpenPageTool.Name, OpenPageTool.AddressArgument, address);

    static ToolCallPart Call(string address, int page) => new(
        OpenPageTool.Name,
        System.Text.Json.JsonElement.Parse(
            $$"""{"{{OpenPageTool.AddressArgument}}":"{{address}}","{{OpenPageTool.PageArgument}}":{{page}}}"""));

    /// <summary>A page as <see cref="OpenPageTool"/> shows it.</summary>
    sealed record Page(string Address, string Title, string Body)
    {
        public string Text => $"{Title}\n{Address}\n\n{Body}";

        public string FirstSentence => Sentences.First(Body);

        public string PageOf(int number, int count) => $"{Title}\n{Address}\nPage {number} of {count}\n\n{Body}";
    }
}
