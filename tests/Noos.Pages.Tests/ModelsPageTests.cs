using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Inference.Estimates;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Which models are here, which can be had, and which is better.</summary>
public sealed class ModelsPageTests : PageTests, IDisposable
{
    const string File = "Some-Model-Q8_0.gguf";
    const string Reference = LoopbackHub.Repository + ":Q8_0";
    const int CutAt = 20_000;

    readonly TinyModel _tiny = new();
    readonly TemporaryFolder _folder = new();
    readonly LoopbackHub _hub = new();

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    public async Task Model_is_pulled_with_progress_stopped_resumed_and_becomes_that_of_new_chats()
    {
        var content = await System.IO.File.ReadAllBytesAsync(_tiny.Path, Token);
        _hub.Files[File] = content;
        var goesOn = new TaskCompletionSource();
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = CutAt, Hold = goesOn.Task });
        await using var pages = await StartAsync(_hub.Endpoint);
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "models");
        await browser.WaitForAsync("document.querySelector(\"[aria-label='Get Some Model']\")", Token);
        await MentionsAsync(browser, "MIT", "#better ~ .models");
        await browser.WaitForAsync("document.querySelector('#better ~ .models').textContent.includes('tokens/s here')", Token);

        await PressButtonAsync(browser, "Get Some Model");
        await browser.WaitForAsync($"document.querySelector('.pull progress')?.value === {CutAt}", Token);
        await MentionsAsync(browser, "20 KiB of ", ".pull p");
        // The list promised another file: whoever gets it is told.
        await MentionsAsync(browser, "and not 953.7 MiB as listed here", ".pull [role='status']");
        await PressButtonAsync(browser, "Stop getting Some Model");
        await browser.WaitForAsync("document.querySelector(\".pull [data-state='stopped']\")", Token);
        goesOn.SetResult();
        await PressButtonAsync(browser, "Go on getting Some Model");
        await browser.WaitForAsync("document.querySelector(\"[aria-label='Use for new chats: Some Model']\")", Token);

        Assert.Equal(0, await CountAsync(browser, "#hub-problem"));
        // It went on where it was.
        Assert.Equal($"bytes={CutAt}-", _hub.ToStore.Last()["Range"]);
        Assert.Equal(content, await System.IO.File.ReadAllBytesAsync(
            Path.Combine(_folder.Path, "pulled", LoopbackHub.Repository, File), Token));
        await PressButtonAsync(browser, "Use for new chats: Some Model");
        await browser.WaitForAsync($"document.querySelector('#here + p').textContent.includes('{LoopbackHub.Repository}')", Token);
        await ClickAsync(browser, "#new");
        // The list is there when the page listens.
        await browser.WaitForAsync("document.querySelectorAll('#model option').length === 2", Token);
        await browser.WaitForAsync($"document.querySelector('#model').value === '{LoopbackHub.Repository}'", Token);
        await AskAsync(browser, "Hello", "document.querySelector('.figures')");
        Assert.Equal(LoopbackHub.Repository, pages.Table.List().Single().Program.Model);
    }

    [Fact]
    public async Task Model_that_somebody_names_is_pulled_too_and_a_name_that_is_none_is_told()
    {
        _hub.Files[File] = LoopbackHub.Content(3000);
        await using var pages = await StartAsync(_hub.Endpoint);
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "models");
        await browser.WaitForAsync("document.querySelector('#another')", Token);

        await GetAnotherAsync(browser, "nonsense");
        await browser.WaitForAsync("document.querySelector('.problem')?.textContent.includes('names no model that can be pulled')", Token);
        await GetAnotherAsync(browser, LoopbackHub.Repository);
        // What arrives is no model: it says so, and the page goes on.
        await browser.WaitForAsync("document.querySelector('#here ~ .models')?.textContent.includes('owner/Some-Model-GGUF')", Token);
        Assert.True(System.IO.File.Exists(Path.Combine(_folder.Path, "pulled", LoopbackHub.Repository, File)));
    }

    [Fact]
    public async Task Page_says_in_a_sentence_that_the_hub_cannot_be_reached_and_lists_all_the_same()
    {
        using var closed = new ReservedPort();
        await using var pages = await StartAsync(new Uri($"http://127.0.0.1:{closed.Number}/"));
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "models");

        await browser.WaitForAsync("document.querySelector('#hub-problem span')", Token);

        Assert.Matches("^The hub 127.0.0.1:[0-9]+ cannot be reached from here; check the internet connection, then try again.$",
            await TextAsync(browser, "#hub-problem span"));
        Assert.Equal(1, await CountAsync(browser, "#better ~ .models li"));
        Assert.Contains("Very small", await TextAsync(browser, "#here ~ .models"), StringComparison.Ordinal);
        await browser.PhotographAsync("models-offline-light", Token);

        // Who asks all the same hears why not, and can ask again.
        await PressButtonAsync(browser, "Get Some Model");
        await browser.WaitForAsync("document.querySelector('.pull [role=\"alert\"]')", Token);
        Assert.Matches(
            "^The server 127.0.0.1:[0-9]+ cannot be reached.*; check the internet connection, then try again[^;]*[.]$",
            await TextAsync(browser, ".pull [role='alert']"));
        await ReadsAsync(browser, "Try again", "[aria-label='Try again to get Some Model']");
        await PressButtonAsync(browser, "Try again");
        await browser.WaitForAsync("document.querySelector('#hub-problem button:not(:disabled)')", Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Model_that_does_not_arrive_as_the_hub_has_it_is_told_in_a_sentence_and_is_not_kept(bool isOfWrongSize)
    {
        var content = await System.IO.File.ReadAllBytesAsync(_tiny.Path, Token);
        _hub.Files[File] = content;
        if (isOfWrongSize)
        {
            _hub.ClaimedSizes[File] = content.Length - 100;
        }
        else
        {
            _hub.ClaimedChecksums[File] = new string('0', 64);
        }

        await using var pages = await StartAsync(_hub.Endpoint);
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "models");
        await browser.WaitForAsync("document.querySelector(\"[aria-label='Get Some Model']\")", Token);
        await PressButtonAsync(browser, "Get Some Model");
        await browser.WaitForAsync("document.querySelector('.pull [role=\"alert\"]')", Token);

        Assert.Contains(
            isOfWrongSize ? "sends more of" : "its SHA-256 checksum is wrong", await TextAsync(browser, ".pull [role='alert']"),
            StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(Path.Combine(_folder.Path, "pulled", LoopbackHub.Repository, File)));
        Assert.Equal(0, await CountAsync(browser, "[aria-label='Use for new chats: Some Model']"));
    }

    [Fact]
    public async Task Models_of_Ollama_are_listed_and_can_begin_chats()
    {
        var digest = new string('a', 64);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "ollama", "blobs"));
        var manifests = Directory.CreateDirectory(
            Path.Combine(_folder.Path, "ollama", "manifests", "registry.ollama.ai", "library", "tiny")).FullName;
        System.IO.File.Copy(_tiny.Path, Path.Combine(_folder.Path, "ollama", "blobs", $"sha256-{digest}"));
        await System.IO.File.WriteAllTextAsync(
            Path.Combine(manifests, "latest"),
            $$"""{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:{{digest}}"}]}""", Token);
        await using var pages = await StartAsync(_hub.Endpoint, Path.Combine(_folder.Path, "ollama"));

        var html = await pages.Http.GetStringAsync("models", Token);

        Assert.Contains("Use for new chats: tiny:latest", html, StringComparison.Ordinal);
        Assert.Contains("of Ollama", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_models_answer_one_question_and_the_better_is_kept_for_the_training()
    {
        var small = new ScriptedCpu([Text("Small answer.")]) { Info = new CpuInfo("small") };
        var big = new ScriptedCpu([Text("Big answer.")]) { Info = new CpuInfo("big") };
        await using var pages = await RunningPages.StartAsync(new CpuPool(small, new ScriptedSource(("big", 5 << 20, () => big))));
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "models");
        await ClickAsync(browser, ".bar a[href='compare']");
        await browser.WaitForAsync("document.querySelector('#second')?.value === 'big'", Token);

        await FocusAsync(browser, "#asked");
        await browser.TypeAsync("Why are foxes red?", Token);
        await browser.WaitForAsync("!document.querySelector('.compare-form .main').disabled", Token);
        await PressButtonAsync(browser, "Ask both");
        await browser.WaitForAsync("document.querySelectorAll('.answers button:not(:disabled)').length === 2", Token);
        await ReadsAsync(browser, "Small answer.", ".column:first-child .prose");
        await ReadsAsync(browser, "Big answer.", ".column:last-child .prose");
        await PressButtonAsync(browser, "big is better");
        await browser.WaitForAsync("document.querySelector('.column.best')", Token);

        var process = Assert.Single(pages.Table.List());
        Assert.Equal(("Why are foxes red?", "big"), (process.Title, process.Program.Model));
        var kept = Assert.Single(pages.Table.Events(process.Id, 0, 1000).Select(entry => entry.Event).OfType<FeedbackGiven>());
        var ends = pages.Table.Events(process.Id, 0, 1000).Where(entry => entry.Event is RunEnded).Select(entry => entry.Id).ToArray();
        Assert.Equal([ends[1], ends[0]], kept.Better);
        Assert.All(small.Turns.Concat(big.Turns), turn => Assert.Empty(turn.Tools));
        await ClickAsync(browser, "a[href^='chat/'].plain");
        await browser.WaitForAsync("document.querySelector('#log .prose')?.textContent.trim() === 'Big answer.'", Token);
    }

    async Task GetAnotherAsync(Browser browser, string name)
    {
        await browser.EvaluateAsync(
            "{ const box = document.querySelector('#another'); box.value = ''; box.dispatchEvent(new Event('input', { bubbles: true })); "
            + "box.focus(); }", Token);
        await browser.TypeAsync(name, Token);
        await browser.WaitForAsync("!document.querySelector('.another button').disabled", Token);
        await ClickAsync(browser, ".another button");
    }

    Task<RunningPages> StartAsync(Uri hub, params IReadOnlyList<string> ollama)
    {
        var folders = new ModelLibraryOptions
        {
            Folders = [Path.GetDirectoryName(_tiny.Path)!],
            PullFolder = Path.Combine(_folder.Path, "pulled"),
            OllamaFolders = ollama,
        };
        return RunningPages.StartAsync(
            ModelSource.OpenPool(new NoosOptions { Model = _tiny.Path, Library = folders }), [RunningPages.Calculator()],
            services =>
            {
                services.AddSingleton(new ModelLibrary(folders));
                services.AddSingleton(new HubOptions { Endpoint = hub });
                services.AddSingleton(new ModelReporter(new MachineSpeed(1e10, 1e11, 1e11)));
            },
            options => options with
            {
                Catalog =
                [
                    new CatalogModel("Some Model", Reference, "MIT", 1_000_000_000, 1_000_000_000, "Good for a test.")
                    {
                        ContextLength = 2048, BlockCount = 2, EmbeddingLength = 64, KeyValueHeadCount = 2, HeadLength = 32,
                    },
                ],
            });
    }
}
