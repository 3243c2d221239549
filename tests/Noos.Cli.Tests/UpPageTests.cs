using System.Globalization;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>The page of the real program in a real browser.</summary>
public sealed class UpPageTests : IDisposable
{
    const int Enter = 13;

    const string IsConnected = "document.documentElement?.dataset.connected !== undefined";

    readonly Terminal _terminal = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Page_finds_the_server_again_after_a_kill_and_nothing_typed_or_received_is_lost()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        using var reserved = new ReservedPort();
        var port = reserved.Number.ToString(CultureInfo.InvariantCulture);
        using var first = _terminal.Start("up", "--port", port, "--max-tokens", "20");
        Assert.StartsWith("Tiny is up", await first.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        await using var browser = await Browser.StartAsync(new Uri($"http://127.0.0.1:{port}/"), Token);
        await browser.WaitForAsync(IsConnected, Token);
        await AskAsync(browser, "Hello");
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 1", Token);
        var said = await TextAsync(browser, ".assistant");
        await TypeAsync(browser, "Not sent yet");

        first.Kill();
        await first.WaitForExitAsync(Token);
        using var second = _terminal.Start("up", "--port", port, "--max-tokens", "20");
        Assert.StartsWith("Tiny is up", await second.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        await browser.WaitForAsync("document.querySelector('#question')?.value === 'Not sent yet' && " + IsConnected, Token);

        Assert.Equal(said, await TextAsync(browser, ".assistant"));
        await browser.EvaluateAsync("document.querySelector('#question').focus()", Token);
        await browser.PressAsync("Enter", Enter, Token);
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 2", Token);
        second.Kill();
    }

    [Fact]
    public async Task Server_without_a_journal_talks_too_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        using var server = _terminal.Start("up", "--port", "0", "--no-journal", "--max-tokens", "20");
        var greeting = await server.StandardOutput.ReadLineAsync(Token);
        await using var browser = await Browser.StartAsync(new Uri(greeting!["Tiny is up: ".Length..] + "/"), Token);
        await browser.WaitForAsync(IsConnected, Token);

        await AskAsync(browser, "Hello");
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 1", Token);

        Assert.False(File.Exists(_terminal.Home.File("noos.db")));
        server.Kill();
    }

    static async Task AskAsync(Browser browser, string question)
    {
        await TypeAsync(browser, question);
        await browser.PressAsync("Enter", Enter, Token);
    }

    // A narrow page does not take the focus by itself, since that opens the keyboard of a phone.
    static async Task TypeAsync(Browser browser, string text)
    {
        await browser.EvaluateAsync("document.querySelector('#question').focus()", Token);
        await browser.TypeAsync(text, Token);
    }

    static async Task<string> TextAsync(Browser browser, string selector) =>
        (await browser.EvaluateAsync($"document.querySelector('{selector}').textContent", Token))!.GetValue<string>();
}
