using System.Text.Json;
using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>A conversation in a real browser.</summary>
public sealed class ChatPageTests : PageTests
{
    const string Script = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>";

    const string IsAnswered = "document.querySelector('.meta .figures')";

    [Fact]
    public async Task Typed_question_is_answered_with_a_visible_call_and_nothing_is_taken_as_markup()
    {
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("call_1", "calculator", """{"expression": "48*37+5"}""")],
            [Text("It is "), Text("1781. " + Script)],
            [ScriptedCpu.Call("call_2", "calculator", """{"expression": "1/0"}""")],
            [Text("I cannot divide by zero.")]);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        await browser.PhotographAsync("welcome-light", Token);

        await AskAsync(browser, "What is 48*37+5? " + Script, IsAnswered);

        Assert.StartsWith("calculator(48*37+5)", await TextAsync(browser, ".tool summary"), StringComparison.Ordinal);
        Assert.Equal("= 1781", await TextAsync(browser, ".tool summary b"));
        Assert.Equal("It is 1781. " + Script, await TextAsync(browser, ".assistant .prose"));
        Assert.Equal("What is 48*37+5? " + Script, await TextAsync(browser, ".said"));
        Assert.Equal(0, await CountAsync(browser, "#log img, #log .prose b"));
        await browser.WaitForAsync("document.title.startsWith('What is 48*37+5?')", Token);

        await AskAsync(browser, "And 1/0?", "document.querySelectorAll('.meta .figures').length === 2");
        await MentionsAsync(browser, "Error:", ".tool.failed summary");
        await browser.PhotographAsync("chat-light", Token);
        await browser.LookAsync(1280, 800, "dark", Token);
        await browser.PhotographAsync("chat-dark", Token);
        await browser.LookAsync(390, 780, "dark", Token);
        await browser.WaitForAsync("innerWidth === 390 && document.documentElement.scrollWidth <= innerWidth", Token);
        await browser.PhotographAsync("phone-dark", Token);
    }

    [Fact]
    public async Task Thoughts_are_folded_away_beside_the_answer_and_outlive_a_reload()
    {
        var cpu = new ScriptedCpu(
            [new ThoughtDelta("The fox "), new ThoughtDelta("is <b>red</b>."), Text("Red."), Text(" Surely.")]);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);

        await AskAsync(browser, "What colour has the fox?", IsAnswered);

        const string Seen =
            "JSON.stringify([document.querySelector('.thoughts').open, ...['.thoughts p', '.assistant .prose']"
            + ".map(place => document.querySelector(place).textContent.trim())])";
        const string Expected = "[false,\"The fox is <b>red</b>.\",\"Red. Surely.\"]";
        Assert.Equal(Expected, (await browser.EvaluateAsync(Seen, Token))!.GetValue<string>());

        await browser.ReloadAsync(Token);
        await browser.WaitForAsync($"{IsReady} && {Seen} === {JsonSerializer.Serialize(Expected)}", Token);
    }

    [Fact]
    public async Task Escape_stops_the_answer_and_keeps_what_was_said()
    {
        var cpu = new PacedCpu();
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "Tell me a story", "document.querySelector('#stop:not([hidden])')");
        cpu.Let(2);
        await browser.WaitForAsync("document.querySelector('.prose')?.textContent.trim().split(' ').length === 2", Token);
        var said = await TextAsync(browser, ".prose");

        await PressEscapeAsync(browser);
        await browser.WaitForAsync("document.querySelector('.figures')?.textContent.startsWith('Stopped')", Token);

        Assert.Equal(said, await TextAsync(browser, ".prose"));
        cpu.Release();
        await PressAsync(browser, ".assistant", "Continue");
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 2", Token);
    }

    [Fact]
    public async Task Conversation_that_does_not_exist_is_told_in_a_sentence_and_leads_on()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "chat/999"), Token);
        await browser.WaitForAsync("document.documentElement?.dataset.connected !== undefined", Token);
        await browser.PhotographAsync("missing-light", Token);

        await MentionsAsync(browser, "There is no conversation 999 here", ".welcome");
        await ReadsAsync(browser, "No such conversation", ".bar h1");
        Assert.Equal(0, await CountAsync(browser, "#ask, #question, .compose, .bar select"));

        await ClickAsync(browser, ".welcome a");
        await browser.WaitForAsync("document.querySelector('#ask')?.dataset.chat === 'new'", Token);
        await AskAsync(browser, "Hello", IsAnswered);
    }

    [Fact]
    public async Task Failure_is_told_and_can_be_tried_again()
    {
        var cpu = new ScriptedCpu([], [Text("Awake now.")]) { Failure = new NoosException("The model is asleep.") };
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address, theme: "dark");

        await AskAsync(browser, "Hello", "document.querySelector('.assistant .problem')?.textContent.includes('The model is asleep.')");
        await browser.PhotographAsync("problem-dark", Token);
        await ClickAsync(browser, ".assistant .problem button");
        await browser.WaitForAsync("document.querySelector('.prose')?.textContent.trim() === 'Awake now.'", Token);

        Assert.Equal(1, await CountAsync(browser, ".said"));
    }
}
