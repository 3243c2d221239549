using System.Text.Json;
using System.Text.Json.Nodes;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What all tests of pages in a real browser need.</summary>
public abstract class PageTests
{
    protected const string IsReady = "document.activeElement?.id === 'question' && " + IsConnected;

    const string IsConnected = "document.querySelector('#question') && document.documentElement.dataset.connected !== undefined";

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
        await browser.EvaluateAsync("document.querySelector('#question').focus()", Token);
        await browser.TypeAsync(question, Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync(condition, Token);
    }

    /// <summary>Goes to a page of the sidebar.</summary>
    protected async Task GoAsync(Browser browser, string page)
    {
        await ClickAsync(browser, $".foot a[href='{page}']");
        await browser.WaitForAsync(
            $"document.querySelector('.bar h1')?.textContent.toLowerCase() === '{page}' && document.querySelector('.sheet')", Token);
    }

    /// <summary>Chooses an entry of a list.</summary>
    protected Task<JsonNode?> SelectAsync(Browser browser, string selector, string value) => browser.EvaluateAsync(
        $"{{ const list = document.querySelector({JsonSerializer.Serialize(selector)}); list.value = {JsonSerializer.Serialize(value)}; "
        + "list.dispatchEvent(new Event('change', { bubbles: true })); }", Token);

    /// <summary>Clicks the button with a label.</summary>
    protected Task<JsonNode?> PressButtonAsync(Browser browser, string label) => browser.EvaluateAsync(
        "[...document.querySelectorAll('main button')].find(button => (button.ariaLabel ?? button.textContent).trim() === "
        + $"{JsonSerializer.Serialize(label)}).click()", Token);

    protected Task PressEnterAsync(Browser browser) => browser.PressAsync("Enter", Enter, Token);

    protected Task PressEscapeAsync(Browser browser) => browser.PressAsync("Escape", Escape, Token);

    /// <summary>A click of the mouse: a script's own click is no gesture, without which no page may sound.</summary>
    protected async Task TapAsync(Browser browser, string selector)
    {
        var place = (await browser.EvaluateAsync(
            $"(() => {{ const r = document.querySelector(\"{selector}\").getBoundingClientRect(); "
            + "return [r.x + r.width / 2, r.y + r.height / 2]; })()", Token))!.AsArray();
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

    /// <summary>Presses the first such place, as soon as the page shows it.</summary>
    protected async Task<JsonNode?> ClickAsync(Browser browser, string selector)
    {
        var place = $"document.querySelector({JsonSerializer.Serialize(selector)})";
        await browser.WaitForAsync(place, Token);
        return await browser.EvaluateAsync($"{place}.click()", Token);
    }

    /// <summary>Presses the button with a label in the first such place, as soon as the page shows it.</summary>
    protected async Task<JsonNode?> PressAsync(Browser browser, string place, string label)
    {
        var button = $"[...(document.querySelector({JsonSerializer.Serialize(place)})?.querySelectorAll('button') ?? [])]"
            + $".find(button => button.textContent.trim() === {JsonSerializer.Serialize(label)})";
        await browser.WaitForAsync(button, Token);
        return await browser.EvaluateAsync($"{button}.click()", Token);
    }

    /// <summary>The texts of all such places.</summary>
    protected async Task<string> ListAsync(Browser browser, string selector) => (await browser.EvaluateAsync(
        $"[...document.querySelectorAll({JsonSerializer.Serialize(selector)})].map(place => place.textContent.trim()).join('|')", Token))!
        .GetValue<string>();

    protected static TextDelta Text(string text) => new(text);

    static CancellationToken Start()
    {
        Assert.SkipUnless(Browser.IsInstalled, "Chromium is not installed.");
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        return limit.Token;
    }
}
