using Noos.Core.Conversations;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What runs is seen on the page of the monitor, and ruled from there.</summary>
public sealed class MonitorPageTests : PageTests
{
    const string State = "document.querySelector('.top .state')?.textContent.trim()";

    [Fact]
    public async Task Process_at_work_is_seen_with_its_rate_and_can_be_killed()
    {
        var cpu = new PacedCpu(100_000);
        await using var pages = await RunningPages.StartAsync(cpu);
        cpu.Hold();
        var id = await SayAsync(pages, "Count", "Counting");
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "monitor");
        await browser.WaitForAsync(State + " === 'at work'", Token);
        await using (new Timer(_ => cpu.Let(1), null, 0, 20))
        {
            await browser.WaitForAsync(State + " === 'writes' && parseFloat(document.querySelector('.top .rate').textContent) > 0", Token);
            await browser.WaitForAsync("parseFloat(document.querySelector('#total-rate').textContent) > 0", Token);
        }

        await ReadsAsync(browser, "Counting", ".top a.name");
        await PressButtonAsync(browser, "Kill Counting");
        await browser.WaitForAsync("document.querySelector('.acts .danger')", Token);
        await PressButtonAsync(browser, "Kill Counting for good");
        await browser.WaitForAsync("!document.querySelector('.top .name')", Token);

        Assert.Equal(ProcessState.Killed, pages.Table.Get(id).State);
    }

    [Fact]
    public async Task Answer_is_stopped_and_its_conversation_stays()
    {
        var cpu = new PacedCpu(1000);
        await using var pages = await RunningPages.StartAsync(cpu);
        cpu.Hold();
        var id = await SayAsync(pages, "Count", "Counting");
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "monitor");
        await browser.WaitForAsync("document.querySelector(\"[aria-label='Stop the answer of Counting']\")", Token);

        await PressButtonAsync(browser, "Stop the answer of Counting");
        await browser.WaitForAsync(State + " === 'idle'", Token);

        Assert.Equal(ProcessState.WaitingForPerson, pages.Table.Get(id).State);
    }

    [Fact]
    public async Task Priority_that_is_chosen_holds()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text("Yes.")]));
        var id = await SayAsync(pages, "Well?", "A question");
        await pages.Table.WaitAsync(id, Token);
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "monitor");

        await SelectAsync(browser, "select[aria-label='Priority of A question']", "Background");
        await browser.WaitForAsync("document.querySelector('#status').textContent === 'A question is background now'", Token);

        Assert.Equal(ProcessPriority.Background, pages.Table.Get(id).Priority);
    }

    [Fact]
    public async Task Call_that_waits_for_a_person_is_allowed_from_there()
    {
        var note = new NoteTool();
        await using var pages = await RunningPages.StartAsync(
            new ScriptedCpu([ScriptedCpu.Call("c1", "note", """{"text": "The door is green"}""")], [Text("Noted.")]), note);
        var id = await SayAsync(pages, "Note it", "A note");
        await pages.Table.WaitAsync(id, Token);
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "monitor");
        await browser.WaitForAsync(State + " === 'asks you'", Token);
        await MentionsAsync(browser, "Remember: The door is green", ".approval b");

        await PressButtonAsync(browser, "Allow once");
        await browser.WaitForAsync("!document.querySelector('.approval') && " + State + " === 'idle'", Token);

        Assert.Equal(["The door is green"], note.Notes);
    }

    [Fact]
    public async Task Narrow_screen_shows_all_without_moving_sideways()
    {
        await using var pages = await RunningPages.StartAsync(
            new ScriptedCpu([ScriptedCpu.Call("c1", "calculator", """{"expression": "48*37+5"}""")], [Text("It is 1781.")]));
        var id = await SayAsync(pages, "What is 48*37+5?", "A question with a rather long title, as people ask them of machines");
        await pages.Table.WaitAsync(id, Token);
        await using var browser = await OpenAsync(pages.Address, 390, 780);
        foreach (var page in (string[])["monitor", "models"])
        {
            await GoAsync(browser, page);
            await IsNarrowAsync(page);
        }

        await ClickAsync(browser, ".bar a[href='compare']");
        await browser.WaitForAsync("document.querySelector('.compare-form')", Token);
        await IsNarrowAsync("compare");
        await GoAsync(browser, "monitor");
        await ClickAsync(browser, ".acts a[href^='trace/']");
        await browser.WaitForAsync("document.querySelector('.trace')", Token);
        await IsNarrowAsync("trace");

        async Task IsNarrowAsync(string page) => Assert.Equal($"{page}: ", $"{page}: " + (await browser.EvaluateAsync(
            "[...document.querySelectorAll('.sheet *:not(rect, line, text, title, .hidden, .hidden *)')].filter(one => "
            + "one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, pre, thead')).map(one => one.outerHTML).join()",
            Token))!.GetValue<string>());
    }

    static async Task<long> SayAsync(RunningPages pages, string question, string title)
    {
        var token = TestContext.Current.CancellationToken;
        var process = await pages.Table.SpawnAsync(
            new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram { Name = "page" }) { Title = title }, token);
        await pages.Table.SayAsync(process.Id, Message.User(question), token);
        return process.Id;
    }
}
