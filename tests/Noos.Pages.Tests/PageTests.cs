using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What all tests of pages in a real browser need.</summary>
public abstract class PageTests
{
    protected const string IsReady = "document.activeElement?.id === 'question' && " + IsConnected;

    protected const string IsConnected = "document.querySelector('#question') && document.documentElement.dataset.connected !== undefined";

    const int Enter = 13;
    const int Escape = 27;

    protected CancellationToken Token { get; } = Start();

    protected async Task<Browser> OpenAsync(
        Uri address, int width = 1280, int height = 800, string theme = "light", params IReadOnlyList<string> arguments)
    {
        var browser = await Browser.StartAsync(address, Token, arguments);
        try
        {
            await browser.LookAsync(width, height, theme, Token);
            // On a small screen the keyboard would cover the page, so the question does not take the focus there.
            await browser.WaitForAsync(width < 800 ? IsConnected : IsReady, Token);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Types a question, sends it and waits for what is to be seen then.</summary>
    protected async Task AskAsync(Browser browser, string question, string condition)
    {
        await FocusAsync(browser, "#question");
        await browser.TypeAsync(question, Token);
        await SendAsync(browser, condition);
    }

    /// <summary>
    /// Sends the question that was typed and waits for what is to be seen then, and until it has arrived: before, nothing else is sent.
    /// </summary>
    protected async Task SendAsync(Browser browser, string condition)
    {
        await PressEnterAsync(browser);
        await browser.WaitForAsync($"({condition}) && !document.querySelector('#ask.sending')", Token);
    }

    /// <summary>Goes to a page of the sidebar.</summary>
    protected async Task GoAsync(Browser browser, string page)
    {
        await ClickAsync(browser, $".foot a[href='{page}']");
        await browser.WaitForAsync(
            $"document.querySelector('.bar h1')?.textContent.toLowerCase() === '{page}' && document.querySelector('.sheet')", Token);
    }

    /// <summary>Chooses an entry of a list, as soon as the list has it.</summary>
    protected async Task SelectAsync(Browser browser, string selector, string value)
    {
        var list = $"document.querySelector({JsonSerializer.Serialize(selector)})";
        var entry = JsonSerializer.Serialize(value);
        await browser.WaitForAsync($"[...({list}?.options ?? [])].some(option => option.value === {entry})", Token);
        await browser.EvaluateAsync(
            $"{{ const list = {list}; list.value = {entry}; list.dispatchEvent(new Event('change', {{ bubbles: true }})); }}", Token);
    }

    /// <summary>Gives a place the keys, as soon as the page shows it.</summary>
    protected Task FocusAsync(Browser browser, string selector) =>
        DoAsync(browser, $"document.querySelector({JsonSerializer.Serialize(selector)})", "focus()");

    /// <summary>Presses the first such place, as soon as the page shows it.</summary>
    protected Task ClickAsync(Browser browser, string selector) =>
        DoAsync(browser, $"document.querySelector({JsonSerializer.Serialize(selector)})", "click()");

    /// <summary>Presses the button with a label, as soon as the page shows it.</summary>
    protected Task PressButtonAsync(Browser browser, string label) => DoAsync(
        browser,
        "[...document.querySelectorAll('main button')].find(button => (button.ariaLabel ?? button.textContent).trim() === "
        + $"{JsonSerializer.Serialize(label)})",
        "click()");

    /// <summary>Presses the button with a label in the first such place, as soon as the page shows it.</summary>
    protected Task PressAsync(Browser browser, string place, string label) => DoAsync(
        browser,
        $"[...(document.querySelector({JsonSerializer.Serialize(place)})?.querySelectorAll('button') ?? [])]"
        + $".find(button => button.textContent.trim() === {JsonSerializer.Serialize(label)})",
        "click()");

    /// <summary>Does something to a place of the page as soon as it is there and can be used.</summary>
    /// <param name="browser">Where.</param>
    /// <param name="place">A JavaScript expression; undefined or null while there is none.</param>
    /// <param name="deed">What is called on it.</param>
    protected async Task DoAsync(Browser browser, string place, string deed) =>
        // In one script: between two, the page may be drawn anew.
        await browser.WaitForAsync(
            $"(place => {{ if (!place || place.disabled) return false; place.{deed}; return true; }})({place})", Token);

    protected Task PressEnterAsync(Browser browser) => browser.PressAsync("Enter", Enter, Token);

    protected Task PressEscapeAsync(Browser browser) => browser.PressAsync("Escape", Escape, Token);

    /// <summary>A click of the mouse: a script's own click is no gesture, without which no page may sound.</summary>
    protected async Task TapAsync(Browser browser, string selector)
    {
        // What still moves, or lies under something else, would be missed.
        var place = (await browser.EvaluateAsync($$"""
            new Promise(done => {
              let last = "";
              (function look() {
                const found = document.querySelector({{JsonSerializer.Serialize(selector)}}), r = found?.getBoundingClientRect();
                const middle = r && r.width > 0 && [r.x + r.width / 2, r.y + r.height / 2], now = String(middle);
                if (middle && now === last && found.contains(document.elementFromPoint(...middle))) done(middle);
                else { last = now; requestAnimationFrame(look); }
              })();
            })
            """, Token))!.AsArray();
        foreach (var kind in (string[])["mousePressed", "mouseReleased"])
        {
            await browser.SendAsync("Input.dispatchMouseEvent", new JsonObject
            {
                ["type"] = kind,
                ["x"] = place[0]!.GetValue<double>(),
                ["y"] = place[1]!.GetValue<double>(),
                ["button"] = "left",
                ["clickCount"] = 1,
            }, Token);
        }
    }

    protected async Task<string> TextAsync(Browser browser, string selector) =>
        (await browser.EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.textContent ?? ''", Token))!
        .GetValue<string>().Trim();

    protected async Task<int> CountAsync(Browser browser, string selector) =>
        (await browser.EvaluateAsync($"document.querySelectorAll({JsonSerializer.Serialize(selector)}).length", Token))!.GetValue<int>();

    /// <summary>Waits until the first such place has a text.</summary>
    protected Task ReadsAsync(Browser browser, string text, string selector) => browser.WaitForAsync(
        $"document.querySelector({JsonSerializer.Serialize(selector)})?.textContent.trim() === {JsonSerializer.Serialize(text)}", Token);

    /// <summary>Waits until the text of the first such place has some words.</summary>
    protected Task MentionsAsync(Browser browser, string words, string selector) => browser.WaitForAsync(
        $"document.querySelector({JsonSerializer.Serialize(selector)})?.textContent.includes({JsonSerializer.Serialize(words)})", Token);

    /// <summary>Waits until all such places have these texts.</summary>
    /// <param name="browser">Where.</param>
    /// <param name="texts">With a line between them.</param>
    /// <param name="selector">Of the places.</param>
    protected Task ListsAsync(Browser browser, string texts, string selector) =>
        browser.WaitForAsync($"{Listed(selector)} === {JsonSerializer.Serialize(texts)}", Token);

    /// <summary>The texts of all such places.</summary>
    protected async Task<string> ListAsync(Browser browser, string selector) =>
        (await browser.EvaluateAsync(Listed(selector), Token))!.GetValue<string>();

    protected static TextDelta Text(string text) => new(text);

    static string Listed(string selector) =>
        $"[...document.querySelectorAll({JsonSerializer.Serialize(selector)})].map(place => place.textContent.trim()).join('|')";

    static CancellationToken Start()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // Far beyond what the longest test needs on a loaded machine.
        limit.CancelAfter(TimeSpan.FromMinutes(15));
        return limit.Token;
    }
}
