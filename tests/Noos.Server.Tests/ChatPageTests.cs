using Microsoft.Extensions.AI;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>The chat page in a real browser.</summary>
public sealed class ChatPageTests
{
    const int Enter = 13;
    const int Escape = 27;

    const string IsReady = "document.activeElement?.id === 'question' && document.querySelector('#model')?.textContent === 'scripted'";

    const string Script = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>";

    [Fact]
    public async Task Typed_question_is_answered_with_a_visible_call_and_nothing_is_taken_as_markup()
    {
        var token = Start();
        await using var server = await RunningServer.StartAsync(
            [ScriptedChatClient.Call("call_1", "calculator", "expression", "48*37+5")],
            [new TextContent("It is "), new TextContent("1781. " + Script)],
            [ScriptedChatClient.Call("call_2", "calculator", "expression", "1/0")],
            [new TextContent("I cannot divide by zero.")]);
        await using var browser = await Browser.StartAsync(server.Address, token);
        await browser.LookAsync(1280, 800, "light", token);
        await browser.WaitForAsync(IsReady, token);
        await browser.PhotographAsync("welcome-light", token);

        await AskAsync(browser, "What is 48*37+5? " + Script, "document.querySelector('.meta')", token);

        Assert.Equal("calculator(48*37+5)= 1781",
            (await browser.EvaluateAsync("document.querySelector('.chip').textContent", token))!.GetValue<string>());
        Assert.Equal("It is 1781. "
            + Script, (await browser.EvaluateAsync("document.querySelector('.assistant div').textContent", token))!.GetValue<string>());
        Assert.Equal("What is 48*37+5? "
            + Script, (await browser.EvaluateAsync("document.querySelector('.user').textContent", token))!.GetValue<string>());
        Assert.Equal("Noos", (await browser.EvaluateAsync("document.title", token))!.GetValue<string>());
        Assert.Equal(
            0, (await browser.EvaluateAsync("document.querySelectorAll('#log img, #log article b b').length", token))!.GetValue<int>());

        await AskAsync(browser, "And 1/0?", "document.querySelectorAll('.meta').length === 2", token);
        Assert.Contains("Error: bad <b>sum</b>",
            (await browser.EvaluateAsync("document.querySelector('.failed').textContent", token))!.GetValue<string>(),
                StringComparison.Ordinal);
        Assert.Equal(
            [ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.User],
            server.Model.Requests[2].Select(message => message.Role));
        await browser.PhotographAsync("chat-light", token);
        await browser.LookAsync(1280, 800, "dark", token);
        await browser.PhotographAsync("chat-dark", token);
        await browser.LookAsync(390, 780, "dark", token);
        Assert.True((await browser.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth", token))!.GetValue<bool>());
        await browser.PhotographAsync("phone-dark", token);

        await browser.ReloadAsync(token);
        await browser.WaitForAsync("document.querySelectorAll('.chip').length === 2", token);
        await browser.EvaluateAsync("document.querySelector('#new').click()", token);
        Assert.False((await browser.EvaluateAsync("document.querySelector('#welcome').hidden", token))!.GetValue<bool>());
        await browser.PhotographAsync("phone-welcome-dark", token);
    }

    [Fact]
    public async Task Thoughts_are_folded_away_beside_the_answer_and_outlive_a_reload()
    {
        var token = Start();
        await using var server = await RunningServer.StartAsync(
            [new TextReasoningContent("The fox "), new TextReasoningContent("is <b>red</b>."), new TextContent("Red."),
                new TextContent(" Surely.")], [new TextContent("No.")]);
        await using var browser = await Browser.StartAsync(server.Address, token);
        await browser.LookAsync(800, 600, "light", token);
        await browser.WaitForAsync(IsReady, token);

        await AskAsync(browser, "What colour has the fox?", "document.querySelector('.meta')", token);

        const string Seen =
            "JSON.stringify([document.querySelector('.thoughts').open, ...['.thoughts summary', '.thoughts p', '.assistant > "
            + "div'].map(place => document.querySelector(place).textContent)])";
        const string Expected = "[false,\"Thoughts\",\"The fox is <b>red</b>.\",\"Red. Surely.\"]";
        Assert.Equal(Expected, (await browser.EvaluateAsync(Seen, token))!.GetValue<string>());
        await browser.EvaluateAsync("document.querySelector('.thoughts summary').click()", token);
        await browser.PhotographAsync("thoughts-light", token);

        await browser.ReloadAsync(token);
        await browser.WaitForAsync("document.querySelector('.thoughts')", token);
        Assert.Equal(Expected, (await browser.EvaluateAsync(Seen, token))!.GetValue<string>());

        await AskAsync(browser, "And the bear?", "document.querySelectorAll('.meta').length === 1", token);
        Assert.Equal("Red. Surely.", server.Model.Requests[^1][1].Text);
    }

    [Fact]
    public async Task Escape_stops_the_answer_and_keeps_what_was_said()
    {
        var token = Start();
        await using var server = await RunningServer.StartAsync(
            [new TextContent("Once upon"), new TextContent(" never")], [new TextContent("Good.")]);
        var pieces = 0;
        server.Model.BeforePiece = cancellation => pieces++ == 0 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellation);
        await using var browser = await Browser.StartAsync(server.Address, token);
        await browser.LookAsync(390, 780, "light", token);
        await browser.WaitForAsync(IsReady, token);

        await AskAsync(browser, "Tell me a story", "document.querySelector('.assistant div')?.textContent === 'Once upon'", token);
        await browser.PhotographAsync("phone-streaming-light", token);
        await browser.PressAsync("Escape", Escape, token);
        await browser.WaitForAsync("document.querySelector('.meta')?.textContent.startsWith('Stopped')", token);

        server.Model.BeforePiece = null;
        await AskAsync(browser, "Go on", "document.querySelectorAll('.meta').length === 2", token);

        Assert.Equal("Once upon", server.Model.Requests[^1][1].Text);
    }

    [Fact]
    public async Task Failure_is_told_and_can_be_tried_again()
    {
        var token = Start();
        await using var server = await RunningServer.StartAsync(
            [new ErrorContent("") { RawRepresentation = new Noos.Core.NoosException("The model is asleep.") }],
            [new TextContent("Awake now.")]);
        await using var browser = await Browser.StartAsync(server.Address, token);
        await browser.LookAsync(800, 600, "dark", token);
        await browser.WaitForAsync(IsReady, token);

        await AskAsync(browser, "Hello", "document.querySelector('.problem')?.textContent.includes('The model is asleep.')", token);
        await browser.PhotographAsync("problem-dark", token);
        await browser.EvaluateAsync("document.querySelector('.problem button').click()", token);
        await browser.WaitForAsync("document.querySelector('.assistant')?.textContent.startsWith('Awake now.')", token);

        Assert.Equal("Hello", Assert.Single(server.Model.Requests[^1]).Text);
    }

    /// <summary>Types a question, sends it and waits for what is to be seen then.</summary>
    static async Task AskAsync(Browser browser, string question, string condition, CancellationToken token)
    {
        await browser.TypeAsync(question, token);
        await browser.PressAsync("Enter", Enter, token);
        await browser.WaitForAsync(condition, token);
    }

    static CancellationToken Start()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return limit.Token;
    }
}
