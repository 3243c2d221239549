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
        await ReadsAsync(browser, "notes.txt", ".user .file b");
        await browser.WaitForAsync("!document.querySelector('#attached .file')", Token);
        var address = (await browser.EvaluateAsync("document.querySelector('.user .file').href", Token))!.GetValue<string>();
        using var answer = await pages.Http.GetAsync(new Uri(address), Token);
        Assert.Equal("The code is 4711.", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task Pasted_picture_is_shown_small_and_reaches_the_model_as_a_report()
    {
        var cpu = new ScriptedCpu([Text("A red square.")]);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        var bytes = string.Join(',', SamplePictures.RedSquare);

        await PasteAsync(browser, $"new File([new Uint8Array([{bytes}])], 'square.png', {{ type: 'image/png' }})");
        await browser.WaitForAsync("document.querySelector('#attached .file img')?.naturalWidth === 120", Token);
        await AskAsync(browser, "What is it?", "document.querySelector('.figures')");

        var file = (FilePart)cpu.Turns[0].Conversation.Messages[0].Parts[0];
        Assert.Equal(("square.png", "image/png", (Origin?)Origin.File), (file.Name, file.MediaType, file.Origin));
        Assert.Contains("red 17%", file.Text, StringComparison.Ordinal);
        await browser.WaitForAsync("document.querySelector('.user .picture img')?.naturalWidth === 120", Token);
        Assert.Equal(0, await CountAsync(browser, "#attached .file"));
    }

    [Fact]
    public async Task Dropped_and_chosen_files_and_a_long_text_that_is_pasted_go_along_and_one_is_taken_away()
    {
        var cpu = new ScriptedCpu([Text("I have read them.")]);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);

        await browser.EvaluateAsync(
            "{ const data = new DataTransfer(); data.items.add(new File(['Dropped.'], 'dropped.txt')); "
            + "for (const kind of ['dragenter', 'dragover', 'drop']) document.querySelector('#main').dispatchEvent("
            + "new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true })); }", Token);
        await WaitForFilesAsync("dropped.txt");
        Assert.Equal(0, await CountAsync(browser, "html.dropping"));
        await browser.EvaluateAsync(
            "{ const list = document.querySelector('#files'); const data = new DataTransfer(); "
            + "data.items.add(new File(['Chosen.'], 'chosen.txt')); data.items.add(new File(['Wrong.'], 'wrong.txt')); "
            + "list.click = () => { list.files = data.files; list.dispatchEvent(new Event('change', { bubbles: true })); }; }", Token);
        await ClickAsync(browser, "[data-act='attach']");
        await WaitForFilesAsync("dropped.txt", "chosen.txt", "wrong.txt");
        await browser.EvaluateAsync(
            "{ const data = new DataTransfer(); data.setData('text/plain', 'Pasted. '.repeat(2000)); document.querySelector('#question')"
            + ".dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }", Token);
        await WaitForFilesAsync("dropped.txt", "chosen.txt", "wrong.txt", "pasted.txt");
        await ClickAsync(browser, "[aria-label='Remove wrong.txt']");
        await WaitForFilesAsync("dropped.txt", "chosen.txt", "pasted.txt");
        await AskAsync(browser, "What do they say?", "document.querySelector('.figures')");

        var files = cpu.Turns[0].Conversation.Messages[0].Parts.OfType<FilePart>().ToArray();
        Assert.Equal(["dropped.txt", "chosen.txt", "pasted.txt"], files.Select(file => file.Name));
        Assert.All(files.Zip((string[])["Dropped.", "Chosen.", "Pasted."]), pair => Assert.Contains(
            pair.Second, pair.First.Text!, StringComparison.Ordinal));

        Task WaitForFilesAsync(params string[] names) => browser.WaitForAsync(
            "[...document.querySelectorAll('#attached .file')].map(chip => chip.querySelector('b').textContent"
            + $" + (/ B$|kB$/.test(chip.querySelector('span').textContent) ? '' : '?')).join('|') === '{string.Join('|', names)}'", Token);
    }

    [Fact]
    public async Task File_that_is_too_long_is_told_beside_it_and_nothing_is_sent_before_it_is_taken_away()
    {
        var cpu = new ScriptedCpu([Text("Yes.")]);
        await using var pages = await RunningPages.StartAsync(
            cpu, [RunningPages.Calculator()], _ => { }, options => options with { MaxFileLength = 1000 });
        await using var browser = await OpenAsync(pages.Address);

        await PasteAsync(browser, "new File(['x'.repeat(1001)], 'long.txt', { type: 'text/plain' })");
        await browser.WaitForAsync("document.querySelector('#attached .file.failed span')?.textContent.includes('longer than')", Token);
        await AskAsync(browser, "What does it say?", "document.querySelector('#problem')?.textContent.includes('could not be given')");
        Assert.Empty(cpu.Turns);

        await ClickAsync(browser, "[aria-label='Remove long.txt']");
        await SendAsync(browser, "document.querySelector('.figures')");
        Assert.Equal("What does it say?", cpu.Turns.Single().Conversation.Messages.Single().Text());
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
