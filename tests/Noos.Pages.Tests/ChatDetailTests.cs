using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Testing;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;

namespace Noos.Pages.Tests;

/// <summary>What one does with an answer that is cut short, a question that waits, and code that was written.</summary>
public sealed class ChatDetailTests : PageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stopped_answer_goes_on_in_the_same_text_or_the_page_says_that_it_was_asked_to(bool can)
    {
        var cpu = new PacedCpu { Info = new CpuInfo("paced", can ? CpuFeatures.Continue : CpuFeatures.None) };
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "Tell a story", "document.querySelector('#stop:not([hidden])')");
        cpu.Let(2);
        await browser.WaitForAsync("document.querySelector('.prose')?.textContent.trim().split(' ').length === 2", Token);
        var begun = await TextAsync(browser, ".prose");
        await ClickAsync(browser, "#stop");
        await browser.WaitForAsync("document.querySelector('.figures')?.textContent.startsWith('Stopped')", Token);
        cpu.Release();

        await PressAsync(browser, ".assistant", "Continue");

        var answers = can ? 1 : 2;
        await browser.WaitForAsync($"document.querySelectorAll('.prose').length === {answers} && [...document.querySelectorAll('.prose')]"
            + $".pop().textContent.trim().split(' ').length === {(can ? 8 : 6)} && !document.querySelector(\"[aria-busy='true']\")", Token);
        Assert.Equal(answers, await CountAsync(browser, ".said"));
        Assert.StartsWith(begun, await TextAsync(browser, ".prose"), StringComparison.Ordinal);
        if (can)
        {
            Assert.DoesNotContain("cannot go on", await TextAsync(browser, ".problem span"), StringComparison.Ordinal);
        }
        else
        {
            await MentionsAsync(browser, "cannot go on", ".problem span");
        }

        await browser.ReloadAsync(Token);
        await browser.WaitForAsync($"{IsReady} && document.querySelectorAll('.prose').length === {answers}", Token);
    }

    [Fact]
    public async Task Long_conversation_shows_earlier_messages_to_whoever_scrolls_up_or_searches()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        var process = await pages.Table.SpawnAsync(
            new ProcessStart("user", ProcessKind.Conversation, new ProcessProgram { Name = "page" })
            {
                Messages =
                [
                    .. Enumerable.Range(1, 450).SelectMany(
                        turn => (Message[])[Message.User($"Question {turn}"), Message.Assistant(new TextPart($"Answer {turn}"))]),
                ],
            },
            Token);
        await using var browser = await OpenAsync(new Uri(pages.Address, $"chat/{process.Id}"));
        await browser.WaitForAsync("document.querySelectorAll('.said').length === 100", Token);
        await ReadsAsync(browser, "Show earlier (350)", "#earlier");
        Assert.Equal("Question 450", (await ListAsync(browser, ".said")).Split('|')[^1]);

        // A page that is still being drawn goes to its end; who reads scrolls on.
        await browser.WaitForAsync(
            "document.querySelectorAll('.said').length === 200 || (document.querySelector('#main').scrollTop = 300, false)", Token);
        // What was read stays where it was.
        await browser.WaitForAsync("document.querySelector('#main').scrollTop > 3000", Token);
        await browser.PhotographAsync("earlier-light", Token);

        await browser.EvaluateAsync("document.body"
            + ".dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, bubbles: true }))", Token);
        await browser.WaitForAsync("document.querySelectorAll('.said').length === 450 && !document.querySelector('#earlier')", Token);

        await AskAsync(browser, "One more", "document.querySelectorAll('.said').length === 451");
    }

    [Fact]
    public async Task Waiting_question_is_changed_and_another_is_taken_back()
    {
        var cpu = new PacedCpu();
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "One", "document.querySelector('#stop:not([hidden])')");
        await AskAsync(browser, "Two", "document.querySelectorAll('.queue li').length === 1");
        await AskAsync(browser, "Three", "document.querySelectorAll('.queue li').length === 2");

        await ClickAsync(browser, ".queue button[aria-label='Change the waiting question']");
        await browser.WaitForAsync("document.activeElement.closest('.queue .editing')", Token);
        await browser.EvaluateAsync("document.activeElement.select()", Token);
        await browser.TypeAsync("Zwei", Token);
        await ClickAsync(browser, ".queue .editing .main");
        await browser.WaitForAsync("document.querySelector('.queue li span')?.textContent === 'Zwei'", Token);
        await ClickAsync(browser, ".queue li:nth-child(2) button[aria-label='Take the waiting question back']");
        await browser.WaitForAsync("document.querySelectorAll('.queue li').length === 1", Token);
        await browser.PhotographAsync("queue-light", Token);
        cpu.Release();
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 2", Token);

        Assert.Equal("One|Zwei", await ListAsync(browser, ".said"));
    }

    [Fact]
    public async Task Code_of_an_answer_runs_in_the_interpreter_of_the_conversation_and_is_stopped()
    {
        await using var tool = new JavaScriptTool(new CodeRuntime());
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("c1", "javascript", """{"code": "const price = 7;"}""")],
            [Text("```js\nconsole.log('cost', price * 6);\n```\n\n```js\nwhile (true) { }\n```\n\n```sql\nSELECT 1\n```\n")]);
        await using var pages = await RunningPages.StartAsync(cpu, tool);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "What does it cost?", "document.querySelector('.figures, .approval')");
        await browser.WaitForAsync("document.querySelectorAll('.code-run').length === 2", Token);

        await PressAsync(browser, ".code-run", "Run");
        // The variable is that of the model's own call.
        await browser.WaitForAsync("document.querySelector('.code-run .printed')?.textContent.trim() === 'cost 42'", Token);
        await browser.WaitForAsync("document.querySelector('.code-run button').textContent.trim() === 'Run again'", Token);
        await browser.PhotographAsync("run-light", Token);

        const string Second = "[...document.querySelectorAll('.code-run')][1]";
        await DoAsync(browser, Second + "?.querySelector('button')", "click()");
        await browser.WaitForAsync(Second + ".querySelector('.spinner')", Token);
        await DoAsync(browser, Second + "?.querySelector('button')", "click()");
        await browser.WaitForAsync(Second + ".textContent.includes('Stopped')", Token);
        var id = pages.Table.List().Single().Id;
        Assert.Equal(2, pages.Table.ReadHistory(id).Messages.Count(message => message.Role == Role.Assistant));

        // What came of it is there again, also for others, and in the files; the model is told nothing of it.
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady, Token);
        await ReadsAsync(browser, "cost 42", ".code-run .printed");
        await browser.WaitForAsync(Second + ".textContent.includes('Stopped')", Token);
        var json = JsonElement.Parse(await pages.Http.GetStringAsync($"chat/{id}/export.json", Token));
        Assert.Equal(
            ("javascript", "cost 42", false),
            json.GetProperty("tries").EnumerateArray().Select(one => (
                one.GetProperty("tool").GetString(), one.GetProperty("output").GetString()!.Trim(),
                one.GetProperty("is_error").GetBoolean())).First());
        Assert.Contains(
            "*You ran the javascript code:*\n\n```text\ncost 42\n```", await pages.Http.GetStringAsync($"chat/{id}/export.md", Token),
            StringComparison.Ordinal);
        await AskAsync(browser, "And then?", "document.querySelectorAll('.figures').length === 2");
        Assert.DoesNotContain(
            cpu.Turns[^1].Conversation.Messages, message => message.Text().Contains("cost 42", StringComparison.Ordinal));

        // Until its person says so.
        await ClickAsync(browser, "[data-act='quote-run']");
        await browser.WaitForAsync("document.activeElement.id === 'question'", Token);
        await browser.TypeAsync("Is that much?", Token);
        await SendAsync(browser, "document.querySelectorAll('.figures').length === 3");
        Assert.Equal("The code printed:\n```text\ncost 42\n```\nIs that much?", cpu.Turns[^1].Conversation.Messages[^1].Text());
    }

    [Fact]
    public async Task Code_that_was_run_and_the_picture_that_it_made_come_along_into_a_fork_and_through_a_file()
    {
        await using var tool = new JavaScriptTool(new CodeRuntime());
        const string Code = "console.log('cost', 6 * 7);\nchart({type: 'bar', title: 'Cost', data: [{x: 'a', y: 6}], x: 'x', y: 'y'});";
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text($"```js\n{Code}\n```\n")]), tool);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "What does it cost?", "document.querySelector('.figures, .approval')");
        await PressAsync(browser, ".code-run", "Run");
        const string IsShown = "document.querySelector('.code-run .printed')?.textContent.includes('cost 42') "
            + "&& document.querySelector('.code-run img')?.naturalWidth > 0";
        await browser.WaitForAsync(IsShown, Token);
        var origin = pages.Table.List().Single().Id;

        await ClickAsync(browser, "[aria-label='Fork from here']");
        await browser.WaitForAsync($"location.pathname.startsWith('/chat/') && location.pathname !== '/chat/{origin}' && {IsShown}", Token);
        var fork = pages.Table.List()[0].Id;
        var json = await pages.Http.GetStringAsync($"chat/{fork}/export.json", Token);
        Assert.Contains("*Picture* ", await pages.Http.GetStringAsync($"chat/{fork}/export.md", Token), StringComparison.Ordinal);

        // Into a home that has nothing else of it.
        await pages.Table.DeleteAsync(origin, Token);
        await pages.Table.DeleteAsync(fork, Token);
        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(json), Token);
        var copy = pages.Table.List().Single().Id;
        await browser.EvaluateAsync($"location.href = '/chat/{copy}'", Token);
        await browser.WaitForAsync($"location.pathname === '/chat/{copy}' && {IsShown}", Token);
        Assert.Equal(1, await CountAsync(browser, ".code-run .printed"));
        Assert.Equal(PictureOf(json), PictureOf(await pages.Http.GetStringAsync($"chat/{copy}/export.json", Token)));

        static string PictureOf(string json) => JsonElement.Parse(json).GetProperty("tries")[0].GetProperty("pictures")[0]
            .GetProperty("data").GetString()!;
    }

    [Theory]
    [InlineData("""[7, {"tool": "rm", "code": "x"}, {"tool": "javascript"}, {"tool": 1, "code": "1"}]""")]
    [InlineData("""{"tool": "javascript"}""")]
    [InlineData("\"no list\"")]
    public async Task Damaged_runs_in_a_file_are_passed_over(string tries)
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());

        using var answer = await pages.Http.PostAsync("chat/import", new StringContent(
            $$"""
            {"title": "C", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}], "tries": {{tries}}}
            """), Token);

        Assert.True(answer.IsSuccessStatusCode);
        var copy = pages.Table.List().Single().Id;
        Assert.Empty(pages.Table.PersonCalls(copy, pages.Table.ReadHistory(copy)));
    }
}
