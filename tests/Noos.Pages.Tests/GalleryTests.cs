using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Cpus;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Inference.Estimates;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;
using Noos.Tools.Calculator;

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

    /// <summary>The picture of the README: the model that ships says what it can.</summary>
    [Theory]
    [InlineData("light", "shipped-light")]
    [InlineData("dark", "shipped-dark")]
    public async Task Sums_with_the_model_that_ships(string theme, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        await using var pages = await RunningPages.StartAsync(
            ModelSource.OpenCpu(new NoosOptions { Model = Path.Combine(RepositoryModels(), "Llama-Noos-Nano.gguf") }),
            new CalculatorTool());
        foreach (var title in (string[])["A story about a fox", "Sums of the week", "Who are you?"])
        {
            await pages.Table.SpawnAsync(new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram()) { Title = title }, Token);
        }

        await using var browser = await OpenAsync(pages.Address, 1280, 860, theme);
        var asked = 0;
        foreach (var question in (string[])
            ["What is 48*37+5?", "What is 15% of 240?", "I have 120 dollars and spend 45. How much is left?"])
        {
            await AskAsync(
                browser, question,
                $"document.querySelectorAll('.figures').length === {++asked} && !document.querySelector(\"[aria-busy='true']\")");
        }

        await browser.WaitForAsync("!document.querySelector('.item .busy')", Token);
        await browser.PhotographAsync(name, Token);
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
        await ClickAsync(browser, ".foot a[href='teach']");
        await browser.WaitForAsync("document.querySelector('.taught')", Token);
        await browser.PhotographAsync($"teach-{name}", Token);
        await ClickAsync(browser, ".foot a[href='memory']");
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

    [Theory]
    [InlineData("light", 1280, 980, "light")]
    [InlineData("dark", 1280, 980, "dark")]
    [InlineData("light", 390, 1100, "phone-light")]
    [InlineData("dark", 390, 1100, "phone-dark")]
    public async Task Monitor_and_trace(string theme, int width, int height, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        using var tiny = new TinyModel();
        var library = new ModelLibraryOptions { Folders = [], PullFolder = Path.GetDirectoryName(tiny.Path)! };
        var small = new SlowCpu(Speaker("Because of their fur. Many animals are red, and a fox is an animal."));
        var other = new SlowCpu(new ScriptedCpu([Text("Foxes are red because their fur has a lot of **pheomelanin**, a reddish pigment. "
            + "In autumn, grass and bracken hide a red animal well, so the red ones were those that ate.")])
        { Info = new CpuInfo("Qwen3-4B-GGUF") });
        var counting = new PacedCpu(100_000) { Info = new CpuInfo("counting") };
        await using var pages = await RunningPages.StartAsync(
            new CpuPool(small, new ScriptedSource(
                ("Qwen3-4B-GGUF", 2_497_000_000, () => other), ("counting", 1_834_000_000, () => counting),
                ("tiny", 100_000, () => ModelSource.OpenCpu(new NoosOptions { Model = tiny.Path, Library = library })))),
            Encyclopedia(delay: 300), RunningPages.Calculator(), new NoteTool());
        async Task<long> SpeakAsync(string question, string? model = null, ProcessKind kind = ProcessKind.Conversation)
        {
            var process = await pages.Table.SpawnAsync(
                new ProcessStart("user", kind, new ProcessProgram { Name = "page", Model = model }) { Title = question }, Token);
            await pages.Table.SayAsync(process.Id, Message.User(question), Token);
            return process.Id;
        }

        await pages.Table.WaitAsync(await SpeakAsync("A letter to the landlord", "tiny"), Token);
        await pages.Table.WaitAsync(await SpeakAsync("Why foxes are red", "tiny"), Token);
        await pages.Table.WaitAsync(await SpeakAsync("How high is the Eiffel Tower?"), Token);
        await pages.Table.WaitAsync(await SpeakAsync("Remember that I like towers"), Token);
        counting.Hold();
        await SpeakAsync("A story about a fox", "counting");
        await SpeakAsync("Summary of the week", "counting", ProcessKind.Job);
        await using var browser = await OpenAsync(pages.Address, width, height, theme);
        await GoAsync(browser, "monitor");
        var beat = 0;
        await using (new Timer(_ => counting.Let(1 + (beat++ / 20 % 3)), null, 0, 20))
        {
            await Task.Delay(TimeSpan.FromSeconds(15), Token);
            await browser.PhotographAsync("monitor-" + name, Token);
        }

        await ClickAsync(browser, "[aria-label='Trace of How high is the Eiffel Tower?']");
        await browser.WaitForAsync("document.querySelector('.trace')", Token);
        await browser.PhotographAsync("trace-" + name, Token);
        await GoAsync(browser, "models");
        await ClickAsync(browser, ".bar a[href='compare']");
        await browser.WaitForAsync("document.querySelector('#asked')", Token);
        await SelectAsync(browser, "#second", "Qwen3-4B-GGUF");
        await FocusAsync(browser, "#asked");
        await browser.TypeAsync("Why are foxes red?", Token);
        await browser.WaitForAsync("document.querySelector('.compare-form .main')?.disabled === false", Token);
        await PressButtonAsync(browser, "Ask both");
        await browser.WaitForAsync("document.querySelectorAll('.answers button:not(:disabled)').length === 2", Token);
        await browser.PhotographAsync("compare-" + name, Token);
    }

    [Theory]
    [InlineData("light", 1280, 980, "light")]
    [InlineData("dark", 1280, 980, "dark")]
    [InlineData("light", 390, 1100, "phone-light")]
    public async Task Models_and_one_that_arrives(string theme, int width, int height, string name)
    {
        const int Size = 639_446_688;
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        using var hub = new LoopbackHub();
        hub.Files["Qwen3-0.6B-Q8_0.gguf"] = [];
        hub.ClaimedSizes["Qwen3-0.6B-Q8_0.gguf"] = Size;
        var goesOn = new TaskCompletionSource();
        hub.Next(_ => new LoopbackHub.Answer(200) { Body = new byte[Size], CutAt = 240_000_000, Hold = goesOn.Task });
        using var folder = new TemporaryFolder();
        var library = new ModelLibraryOptions { Folders = [RepositoryModels()], PullFolder = folder.Path };
        await using var pages = await RunningPages.StartAsync(
            ModelSource.OpenPool(new NoosOptions { Library = library, Model = "Llama-Noos-Nano" }), [RunningPages.Calculator()],
            services =>
            {
                services.AddSingleton(new ModelLibrary(library));
                services.AddSingleton(new HubOptions { Endpoint = hub.Endpoint });
                services.AddSingleton(new ModelReporter(new MachineSpeed(2.2e10, 1.5e11, 6e11)));
            },
            options => options with
            {
                Catalog = [options.Catalog[0] with { Reference = LoopbackHub.Repository + ":Q8_0" }, .. options.Catalog.Skip(1)],
            });
        await using var browser = await OpenAsync(pages.Address, width, height, theme);
        await GoAsync(browser, "models");
        await browser.WaitForAsync("document.querySelector('#better ~ .models')?.textContent.includes('tokens/s here')", Token);
        await PressButtonAsync(browser, "Get Qwen3 0.6B");
        await browser.WaitForAsync("document.querySelector('.pull progress')?.value > 2e8", Token);
        await browser.PhotographAsync("models-" + name, Token);
        goesOn.SetResult();
    }

    [Theory]
    [InlineData("light", 1280, 1180, "light")]
    [InlineData("dark", 1280, 1180, "dark")]
    [InlineData("light", 390, 1100, "phone-light")]
    [InlineData("dark", 390, 1100, "phone-dark")]
    public async Task Settings_of_somebody_who_has_logged_in(string theme, int width, int height, string name)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is not { Length: > 0 }, "Nobody wants pictures.");
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu());
        var accounts = pages.Accounts!;
        accounts.SetPassword("olga", "a good password");
        accounts.Add("anna", "a good password");
        accounts.Add("bert");
        accounts.AddKey("olga", "my editor");
        accounts.AddKey("olga", "the kitchen");
        accounts.BeginSession("olga", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1");
        await pages.Table.SpawnAsync(
            new ProcessStart("olga", ProcessKind.Conversation, new ProcessProgram()) { Title = "Plan for the garden" }, Token);
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        await browser.LookAsync(width, height, theme, Token);
        await browser.WaitForAsync("document.querySelector('[name=password]')", Token);
        await browser.PhotographAsync("login-" + name, Token);
        await browser.EvaluateAsync(
            "document.querySelector('[name=name]').value = 'olga'; "
            + "document.querySelector('[name=password]').value = 'a good password'; document.querySelector('form button').click()", Token);
        await browser.WaitForAsync(
            "document.querySelector('#question') && document.documentElement.dataset.connected !== undefined", Token);
        await GoAsync(browser, "settings");
        await browser.PhotographAsync("settings-" + name, Token);
    }

    static string RepositoryModels()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "models")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "models");
    }

    static ScriptedCpu Speaker(string last = "Noted.") => new(
        [ScriptedCpu.Call("c1", "search", """{"query": "Eiffel Tower height"}""")], [Text(Answer)],
        [ScriptedCpu.Call("c2", "note", """{"text": "Likes towers"}""")], [Text(last)])
    {
        Info = new CpuInfo("Noos-Small"),
    };

    static ScriptedTool Encyclopedia(int delay = 0) => new("search", async (_, token) =>
    {
        await Task.Delay(delay, token);
        return new Core.Tools.ToolResult(
        [
            new TextPart("The Eiffel Tower is a wrought-iron lattice tower on the Champ de Mars in Paris. It is 330 metres tall.")
            {
                Citation = new Citation(1, "Eiffel Tower", "https://en.wikipedia.org/wiki/Eiffel_Tower") { Licence = "CC BY-SA 4.0" },
            },
        ]);
    });

    /// <summary>Reads and writes at the pace of a real model, word by word.</summary>
    sealed class SlowCpu(ScriptedCpu script) : ICpu
    {
        public CpuInfo Info => script.Info;

        public int? CountTokens(Conversation conversation, IReadOnlyList<Core.Tools.ToolDeclaration> tools) => 640;

        public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Delay(60, cancellationToken);
            yield return new RunStarted();
            await Task.Delay(420, cancellationToken);
            var count = 0;
            await foreach (var item in script.RunAsync(turn, cancellationToken))
            {
                if (item is not TextDelta text)
                {
                    yield return item is RunFinished finished
                        ? finished with { Usage = new TokenUsage(640, 512, Math.Max(18, count)) }
                        : item;
                    continue;
                }

                foreach (var word in text.Text.Split(' '))
                {
                    await Task.Delay(18 + (count % 5 * 3), cancellationToken);
                    yield return new TextDelta(count++ == 0 ? word : " " + word) { TokenIds = [count] };
                }
            }
        }

        public ValueTask DisposeAsync() => script.DisposeAsync();
    }
}
