using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Which model answers, what it has read, and what its tools print.</summary>
public sealed class ModelAndSourceTests : PageTests
{
    [Fact]
    public async Task Model_of_a_conversation_is_chosen_at_the_top_and_two_answers_can_be_compared()
    {
        var small = new ScriptedCpu([Text("Small.")]) { Info = new CpuInfo("small") };
        var big = new ScriptedCpu([Text("Big.")]) { Info = new CpuInfo("big") };
        await using var pages = await RunningPages.StartAsync(new CpuPool(small, new ScriptedSource(("big", 5 << 20, () => big))));
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Who are you?", "document.querySelector('.prose')?.textContent.trim() === 'Small.'");
        await browser.WaitForAsync("document.querySelectorAll('#model option').length === 2", Token);
        Assert.StartsWith("big (", await TextAsync(browser, "#model option[value='big']"), StringComparison.Ordinal);

        await SelectAsync(browser, "#model", "big");
        await ClickAsync(browser, "button[aria-label='Answer again']");
        await browser.WaitForAsync("document.querySelector('.prose')?.textContent.trim() === 'Big.'", Token);
        await ClickAsync(browser, "button[aria-label='Compare the answers']");
        await browser.WaitForAsync("document.querySelectorAll('.column').length === 2", Token);

        await ReadsAsync(browser, "1 · small", ".column p");
        Assert.Equal("big", pages.Table.List().Single().Program.Model);
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady, Token);
        await browser.WaitForAsync("document.querySelector('#model').value === 'big'", Token);
    }

    [Fact]
    public async Task Number_in_an_answer_opens_the_passage_that_was_read()
    {
        var search = new ScriptedTool("search", (_, _) => ValueTask.FromResult(new ToolResult(
        [
            new TextPart("It is <b>330</b> metres tall.") { Citation = new Citation(1, "Eiffel Tower", "https://tower.test/a") },
            new TextPart("Built in 1889.") { Citation = new Citation(2, "History", "javascript:alert(1)") },
        ])));
        var cpu = new ScriptedCpu([ScriptedCpu.Call("c1", "search", "{}")], [Text("It is 330 m high [1], of 1889 [2].")]);
        await using var pages = await RunningPages.StartAsync(cpu, search);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "How high?", "document.querySelector('.figures') && document.querySelectorAll('.cite').length === 2");

        await ClickAsync(browser, ".cite");
        await browser.WaitForAsync("document.querySelector('#source')", Token);

        Assert.Equal("It is <b>330</b> metres tall.", await TextAsync(browser, "#source blockquote"));
        Assert.Equal("https://tower.test/a", await TextAsync(browser, "#source a"));
        Assert.Equal("noopener noreferrer nofollow",
            (await browser.EvaluateAsync("document.querySelector('#source a').rel", Token))!.GetValue<string>());
        Assert.Equal(1, await CountAsync(browser, ".sources li a"));
        await browser.PhotographAsync("source-light", Token);
        await PressEscapeAsync(browser);
        await browser.WaitForAsync("!document.querySelector('#source')", Token);
    }

    [Fact]
    public async Task What_a_call_prints_is_seen_while_it_runs_and_its_result_when_it_is_over()
    {
        var goesOn = new TaskCompletionSource();
        ScriptedTool? work = null;
        work = new ScriptedTool("work", async (_, token) =>
        {
            // Only who watches hears of it: the page may come a little later.
            while (!goesOn.Task.IsCompleted)
            {
                work!.Contexts[^1].Report("half <done>\n");
                await Task.Delay(50, token);
            }

            return ToolResult.Text("all done");
        });
        await using var pages = await RunningPages.StartAsync(
            new ScriptedCpu([ScriptedCpu.Call("c1", "work", """{"hard": true}""")], [Text("Finished.")]), work);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Work", "document.querySelector('.printed')?.textContent.startsWith('half <done>')");
        Assert.Equal(1, await CountAsync(browser, ".tool.waiting .spinner"));
        await browser.PhotographAsync("working-light", Token);

        goesOn.SetResult();
        await browser.WaitForAsync("document.querySelector('.figures')", Token);

        await ReadsAsync(browser, "= all done", ".tool summary b");
        Assert.Equal(0, await CountAsync(browser, ".printed"));
    }

    [Fact]
    public async Task Context_shows_what_the_model_reads()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text("One.")]));
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "First", "document.querySelector('.figures')");

        await ClickAsync(browser, "button[aria-label='What the model reads']");
        await browser.WaitForAsync("document.querySelectorAll('.context li').length === 2", Token);

        Assert.Equal("You", await TextAsync(browser, ".context li b"));
        Assert.Equal("First", await TextAsync(browser, ".context li p"));
        await ClickAsync(browser, ".context .quiet");
        await browser.WaitForAsync("!document.querySelector('.context')", Token);
    }

    [Fact]
    public async Task Page_of_the_context_is_dropped_and_pinned_and_left_to_the_kernel_again()
    {
        using var file = new TinyModel(contextLength: 1024);
        await using var pages = await RunningPages.StartAsync(
            ModelSource.OpenCpu(new NoosOptions { Model = file.Path }), RunningPages.Calculator());
        var id = (await pages.Table.SpawnAsync(
            new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram
            {
                Tools = [],
                Options = new GenerationOptions { MaxTokens = 4 },
            }), Token)).Id;
        foreach (var question in (string[])[string.Concat(Enumerable.Repeat("Hello there. ", 40)), "And a fox"])
        {
            await pages.Table.SayAsync(id, Message.User(question), Token);
            await pages.Table.WaitAsync(id, Token);
        }

        var whole = pages.Table.Context(id).PromptTokens;
        await using var browser = await OpenAsync(new Uri(pages.Address, $"chat/{id}"));
        await ClickAsync(browser, "button[aria-label='What the model reads']");
        await browser.WaitForAsync("document.querySelector('.context meter')?.value > 0", Token);
        await ClickAsync(browser, "[aria-label='Drop page 1']");
        await browser.WaitForAsync("document.querySelector('.context li.out [aria-label=\"Drop page 1\"][aria-pressed=\"true\"]')", Token);
        Assert.Equal(PageMark.Dropped, pages.Table.Context(id).Pages[0].Mark);
        Assert.True(pages.Table.Context(id).PromptTokens < whole);

        await ClickAsync(browser, "[aria-label='Drop page 1']");
        await browser.WaitForAsync("!document.querySelector('.context li.out')", Token);
        await ClickAsync(browser, "[aria-label='Pin page 1']");
        await browser.WaitForAsync("document.querySelector('[aria-label=\"Pin page 1\"][aria-pressed=\"true\"]')", Token);
        Assert.Equal(PageMark.Pinned, pages.Table.Context(id).Pages[0].Mark);
    }
}
