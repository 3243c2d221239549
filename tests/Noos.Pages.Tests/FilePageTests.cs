using System.Net;
using Noos.Core.Conversations;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Files that are given to a conversation, and that it makes.</summary>
public sealed class FilePageTests : PageTests
{
    static readonly byte[] s_png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");

    [Fact]
    public async Task Pasted_file_goes_with_the_question_and_can_be_had_again()
    {
        var cpu = new ScriptedCpu([Text("I have read it.")]);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);

        await PasteAsync(browser, "new File(['The code is 4711.'], 'notes.txt', { type: 'text/plain' })");
        await browser.WaitForAsync("document.querySelector('#attached .file span')?.textContent === '17 B'", Token);
        await AskAsync(browser, "What is the code?", "document.querySelector('.figures')");

        Assert.Contains("4711", ((FilePart)cpu.Turns[0].Conversation.Messages[0].Parts[0]).Text, StringComparison.Ordinal);
        Assert.Equal("notes.txt", await TextAsync(browser, ".user .file b"));
        Assert.Equal(0, await CountAsync(browser, "#attached .file"));
        var address = (await browser.EvaluateAsync("document.querySelector('.user .file').href", Token))!.GetValue<string>();
        using var answer = await pages.Http.GetAsync(new Uri(address), Token);
        Assert.Equal("The code is 4711.", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task Picture_that_a_tool_made_is_shown_from_here_and_what_only_looks_like_one_is_not()
    {
        var paint = new ScriptedTool("paint", async (_, token) =>
        {
            await Task.Yield();
            return new Core.Tools.ToolResult(
            [
                new TextPart("Painted."), new ImagePart("chart.png", "image/png", "A chart"),
                new ImagePart("https://evil.test/spy.png", "image/png", "From elsewhere"),
            ]);
        });
        var cpu = new ScriptedCpu([ScriptedCpu.Call("c1", "paint", "{}")], [Text("Here it is.")]);
        await using var pages = await RunningPages.StartAsync(cpu, paint);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Paint", "document.querySelector('.figures')");
        var process = pages.Table.List().Single().Id;
        using var png = new MemoryStream(s_png);
        await pages.Table.GiveFileAsync(process, "chart.png", png, cancellationToken: Token);
        using var page = new MemoryStream("<script>alert(1)</script>"u8.ToArray());
        await pages.Table.GiveFileAsync(process, "page.png", page, cancellationToken: Token);

        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady + " && document.querySelector(\"img[alt='A chart']\")?.naturalWidth === 1", Token);

        var addresses = (await browser.EvaluateAsync(
            "[...document.querySelectorAll('img')].map(image => image.src).join(' ')", Token))!.GetValue<string>();
        Assert.DoesNotContain("evil.test", addresses, StringComparison.Ordinal);
        using var fake = await pages.Http.GetAsync($"chat/{process}/files/page.png", Token);
        Assert.Equal("application/octet-stream", fake.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("chat/99/files/a.txt")]
    [InlineData("chat/99/export.md")]
    [InlineData("chat/1/export.exe")]
    public async Task What_is_not_there_is_told_in_a_sentence(string address)
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());

        using var answer = await pages.Http.GetAsync(address, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("message", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    async Task PasteAsync(Browser browser, string file) => await browser.EvaluateAsync(
        "{ const data = new DataTransfer(); data.items.add(" + file + "); document.querySelector('#question')"
        + ".dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }", Token);
}
