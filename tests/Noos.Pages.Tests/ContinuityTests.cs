using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>A conversation is where its process is, not where a tab is: nothing is lost with tabs, devices and servers.</summary>
public sealed class ContinuityTests : PageTests
{
    [Fact]
    public async Task Second_tab_and_a_reload_see_the_same_stream()
    {
        var cpu = new PacedCpu(20);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var one = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(one, "Count", "location.pathname.startsWith('/chat/') && document.querySelector('#stop:not([hidden])')");
        cpu.Let(5);
        await one.WaitForAsync(HasWords(5), Token);
        var address = new Uri((await one.EvaluateAsync("location.href", Token))!.GetValue<string>());

        await using var other = await OpenAsync(address);
        await other.WaitForAsync(HasWords(5), Token);
        cpu.Let(5);
        await one.WaitForAsync(HasWords(10), Token);
        await other.WaitForAsync(HasWords(10), Token);
        await one.ReloadAsync(Token);
        await one.WaitForAsync(HasWords(10), Token);
        cpu.Release();
        await one.WaitForAsync(HasWords(20), Token);
        await other.WaitForAsync(HasWords(20) + " && document.querySelector('.figures')", Token);

        Assert.Equal(await TextAsync(one, ".prose"), await TextAsync(other, ".prose"));
    }

    [Fact]
    public async Task Page_finds_the_next_server_by_itself_and_nothing_typed_or_received_is_lost()
    {
        var cpu = new PacedCpu(20);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "Count", "document.querySelector('#stop:not([hidden])')");
        cpu.Let(5);
        await browser.WaitForAsync(HasWords(5), Token);
        await browser.TypeAsync("A thought that is not sent yet", Token);

        await pages.DownAsync();
        await browser.WaitForAsync("!document.querySelector('#connection').hidden", Token);
        await browser.PhotographAsync("reconnecting-light", Token);
        await pages.UpAsync(new PacedCpu(20));

        // The new server makes the answer that was cut short again; the page draws it without anybody's help.
        await browser.WaitForAsync($"{IsReady} && {HasWords(20)} && document.querySelector('.figures')", Token);
        Assert.Equal("A thought that is not sent yet", await ValueAsync(browser));
        Assert.Equal("Count", await TextAsync(browser, ".said"));
    }

    [Fact]
    public async Task Half_an_answer_of_a_model_that_would_write_another_stays_and_goes_on_when_its_person_says_so()
    {
        var elsewhere = new CpuInfo("elsewhere", CpuFeatures.Continue);
        var cpu = new PacedCpu(20) { Info = elsewhere };
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "Count", "document.querySelector('#stop:not([hidden])')");
        cpu.Let(5);
        await browser.WaitForAsync(HasWords(5), Token);
        var read = await TextAsync(browser, ".prose");

        await pages.DownAsync();
        await pages.UpAsync(new PacedCpu(20) { Info = elsewhere, Offset = 5000 });

        await browser.WaitForAsync(
            $"{IsReady} && document.querySelector('.figures')?.textContent.startsWith('Interrupted')", Token);
        await browser.PhotographAsync("interrupted-light", Token);
        Assert.Equal(read, await TextAsync(browser, ".prose"));
        await PressAsync(browser, ".assistant", "Continue");
        await browser.WaitForAsync($"{HasWords(25)} && !document.querySelector(\"[aria-busy='true']\")", Token);
        Assert.StartsWith(read, await TextAsync(browser, ".prose"), StringComparison.Ordinal);
        Assert.DoesNotContain("Interrupted", await TextAsync(browser, ".figures"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draft_of_each_conversation_outlives_a_reload_and_is_gone_when_it_is_sent()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "First", "document.querySelector('.figures')");
        await browser.TypeAsync("Draft in the conversation", Token);
        await ClickAsync(browser, "#new");
        await browser.WaitForAsync("document.querySelector('#ask').dataset.chat === 'new'", Token);
        Assert.Equal("", await ValueAsync(browser));
        await browser.TypeAsync("Draft of a new one", Token);
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady, Token);
        Assert.Equal("Draft of a new one", await ValueAsync(browser));

        await ClickAsync(browser, ".item a");
        await browser.WaitForAsync("document.querySelector('#ask').dataset.chat !== 'new'", Token);
        Assert.Equal("Draft in the conversation", await ValueAsync(browser));
        await SendAsync(browser, "document.querySelectorAll('.figures').length === 2");

        Assert.Equal("", await ValueAsync(browser));
        Assert.Equal("[\"noos.draft.new\"]", (await browser.EvaluateAsync(
            "JSON.stringify(Object.keys(localStorage).filter(key => key.startsWith('noos.draft')))", Token))!.GetValue<string>());
    }

    static string HasWords(int count) =>
        $"(document.querySelector('.prose')?.textContent.trim().split(/\\s+/).length ?? 0) === {count}";

    async Task<string> ValueAsync(Browser browser) =>
        (await browser.EvaluateAsync("document.querySelector('#question').value", Token))!.GetValue<string>();
}
