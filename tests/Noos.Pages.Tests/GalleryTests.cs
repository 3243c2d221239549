using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The pictures of docs/images: made anew where NOOS_SCREENSHOTS names a folder.</summary>
public sealed class GalleryTests : PageTests
{
    const string Answer =
        """
        The Eiffel Tower is **330 metres** high [1]. It took a little over two years to build:

        | Phase | From | To |
        |---|---|---|
        | Foundations | January 1887 | June 1887 |
        | Assembly | July 1887 | March 1889 |

        Its weight presses on the ground with about $\frac{10\,100 \text{ t}}{4 \cdot 26 \text{ m}^2}$ at each corner. In code:

        ```python
        # Tonnes for each square metre
        print(10_100 / (4 * 26))
        ```
        """;

    [Theory]
    [InlineData("light", 1280, 860, "gallery-light")]
    [InlineData("dark", 1280, 860, "gallery-dark")]
    [InlineData("light", 390, 800, "gallery-phone")]
    public async Task Conversation_with_everything(string theme, int width, int height, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        await using var pages = await RunningPages.StartAsync(Speaker(), Encyclopedia(), RunningPages.Calculator(), new NoteTool());
        foreach (var title in (string[])["Plan for the garden", "Why foxes are red", "A letter to the landlord", "Sums of the week"])
        {
            await pages.Table.SpawnAsync(new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = title }, Token);
        }

        await using var browser = await OpenAsync(pages.Address, width, height, theme);
        await AskAsync(browser, "How high is the Eiffel Tower, and how was it built?", "document.querySelector('.figures')");
        await browser.PhotographAsync(name, Token);
        await AskAsync(browser, "Remember that I like towers", "document.querySelector('.approval')");
        await browser.PhotographAsync(name + "-approval", Token);
        await ClickAsync(browser, "button[aria-label='What the model reads']");
        await browser.WaitForAsync("document.querySelector('.context li')", Token);
        await browser.PhotographAsync("context-" + name, Token);
        foreach (var page in (string[])["permissions", "settings"])
        {
            await browser.EvaluateAsync($"document.querySelector(\".foot a[href='{page}']\").click()", Token);
            await browser.WaitForAsync($"location.pathname === '/{page}' && document.querySelector('.sheet')", Token);
            await browser.PhotographAsync($"{page}-{name}", Token);
        }
    }

    [Theory]
    [InlineData("light", 1280, 1000, "light")]
    [InlineData("dark", 1280, 1000, "dark")]
    [InlineData("light", 390, 844, "phone-light")]
    [InlineData("dark", 390, 844, "phone-dark")]
    public async Task What_was_taught_and_what_is_remembered(string theme, int width, int height, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        await using var pages = await RunningPages.StartAsync(Teacher());
        await TeachAsync(pages);
        await using var browser = await OpenAsync(pages.Address, width, height, theme);
        await browser.EvaluateAsync("document.querySelector(\".foot a[href='teach']\").click()", Token);
        await browser.WaitForAsync("document.querySelector('.taught')", Token);
        await browser.PhotographAsync($"teach-{name}", Token);
        await browser.EvaluateAsync("document.querySelector(\".foot a[href='memory']\").click()", Token);
        await browser.WaitForAsync("document.querySelector('.facts')", Token);
        await browser.EvaluateAsync("document.querySelector(\"button[aria-label^='What happened']\").click()", Token);
        await browser.WaitForAsync("document.querySelector('.changes')", Token);
        await browser.PhotographAsync($"memory-{name}", Token);
    }

    async Task TeachAsync(RunningPages pages)
    {
        var table = pages.Table;
        async Task<(long Process, long Answer)> SayAsync(string title, string question)
        {
            var id = (await table.SpawnAsync(
                new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = title }, Token)).Id;
            await table.SayAsync(id, Message.User(question), Token);
            await table.WaitAsync(id, Token);
            return (id, LastAnswer(id));
        }

        long LastAnswer(long id) => table.Turns(id).Last(entry => entry.Event is RunEnded).Id;

        var (towers, tower) = await SayAsync("How high is the Eiffel Tower?", "How high is the Eiffel Tower?");
        await table.GiveFeedbackAsync(towers, new FeedbackGiven(tower, FeedbackVerdict.Good, "Right"), Token);
        var (letters, letter) = await SayAsync(
            "A letter to the landlord", "Write to my landlord that the heating has been cold since Monday.");
        await table.GiveFeedbackAsync(
            letters,
            new FeedbackGiven(letter, FeedbackVerdict.Bad, "Bad style: too rude",
                "Dear Mr Meier,\n\nthe heating in our flat has been cold since Monday. Could you please have it looked at this week?\n\n"
                + "Kind regards"),
            Token);
        var (gardens, first) = await SayAsync("Plan for the garden", "What can I sow in March?");
        var answers = new List<long> { first };
        for (var i = 0; i < 2; i++)
        {
            await table.ReviseAsync(gardens, 0, null, Token);
            await table.WaitAsync(gardens, Token);
            answers.Add(LastAnswer(gardens));
        }

        await table.GiveFeedbackAsync(
            gardens, new FeedbackGiven(answers[1]) { Better = [answers[1], answers[2], answers[0]] }, Token);
        var facts = pages.Facts;
        facts.Add("user", new FactVersion("The user prefers short answers with metric units.", FactState.Kept, ["style"], null), "page");
        var sister = facts.Add(
            "user", new FactVersion("The user's sister Anna lives in Paris.", FactState.Kept, ["family"], null), $"process {letters}").Fact;
        facts.Change("user", sister.Id, new FactVersion("The user's sister Anna lives in Lyon.", FactState.Kept, ["family"], null), "page");
        facts.Add(
            "user", new FactVersion("The user orders seeds at seeds.example.", FactState.Waiting, [], Origin.Web), $"process {gardens}");
        facts.Forget("user", facts.Add("user", new FactVersion("The user is in Rome.", FactState.Kept, [], null), "page").Fact.Id, "page");
    }

    static ScriptedCpu Teacher() => new(
        [Text("The Eiffel Tower is 330 metres high, antennas included.")],
        [Text("Hey! The heating is broken AGAIN. Fix it now or I stop paying.")],
        [Text("March is a month.")],
        [Text("Broad beans, peas, spinach, radishes and lettuce can go out; tomatoes and peppers begin on a warm window sill.")],
        [Text("Peas and spinach, for example.")])
    {
        Info = new CpuInfo("Noos-Small"),
    };

    static ScriptedCpu Speaker() => new(
        [ScriptedCpu.Call("c1", "search", """{"query": "Eiffel Tower height"}""")], [Text(Answer)],
        [ScriptedCpu.Call("c2", "note", """{"text": "Likes towers"}""")], [Text("Noted.")])
    {
        Info = new CpuInfo("Noos-Small"),
    };

    static ScriptedTool Encyclopedia() => new("search", (_, _) => ValueTask.FromResult(new Core.Tools.ToolResult(
    [
        new TextPart("The Eiffel Tower is a wrought-iron lattice tower on the Champ de Mars in Paris. It is 330 metres tall.")
        {
            Citation = new Citation(1, "Eiffel Tower", "https://en.wikipedia.org/wiki/Eiffel_Tower") { Licence = "CC BY-SA 4.0" },
        },
    ])));
}
