using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Where the time of an answer went, drawn.</summary>
public sealed class TracePageTests : PageTests
{
    [Fact]
    public async Task Trace_of_an_answer_is_drawn_and_told_as_a_table()
    {
        var work = new ScriptedTool("work", async (_, token) =>
        {
            await Task.Delay(30, token);
            return ToolResult.Text("done");
        });
        await using var pages = await RunningPages.StartAsync(
            new ScriptedCpu(
                [new ThoughtDelta("Hm."), ScriptedCpu.Call("c1", "work", """{"what": "the garden"}""")], [Text("It is "), Text("done.")]),
            work);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Do the work", "document.querySelector('.figures')");

        await ClickAsync(browser, ".bar a[href^='trace/']");
        await browser.WaitForAsync("document.querySelectorAll('.spans li').length >= 4", Token);

        await browser.WaitForAsync(
            "document.querySelector('.facts div:last-child dd')?.textContent.trim().toLowerCase() === 'complete'", Token);
        foreach (var kind in (string[])["read", "call", "write"])
        {
            Assert.InRange(await CountAsync(browser, $".whole rect.{kind}"), 1, 3);
        }

        Assert.Equal(await CountAsync(browser, ".spans li"), await CountAsync(browser, ".whole rect"));
        Assert.Equal(await CountAsync(browser, ".spans li"), await CountAsync(browser, ".as-table tbody tr"));
        Assert.Contains("Calls work(the garden)", await TextAsync(browser, ".whole > title"), StringComparison.Ordinal);
        Assert.Contains("Calls work(the garden)", await TextAsync(browser, ".as-table tbody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_grows_while_an_answer_is_written_and_is_reached_from_the_monitor()
    {
        var cpu = new PacedCpu(60);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "Count", "document.querySelector('#stop:not([hidden])')");
        await GoAsync(browser, "monitor");
        await browser.WaitForAsync("document.querySelector(\"[aria-label='Trace of Count']\")", Token);
        await ClickAsync(browser, "[aria-label='Trace of Count']");
        await browser.WaitForAsync("document.querySelector('.facts')?.textContent.includes('goes on')", Token);

        cpu.Let(20);
        await browser.WaitForAsync("document.querySelector('.spans').textContent.includes('Writes 20 tokens')", Token);
        cpu.Release();
        await browser.WaitForAsync("document.querySelector('.facts').textContent.includes('Complete')", Token);

        await MentionsAsync(browser, "Writes 60 tokens", ".spans");
    }
}
