using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What the browser loads, and what it may do.</summary>
public sealed partial class ShellTests : PageTests
{
    const int MaxWeight = 500_000;

    [Fact]
    public async Task Page_needs_nothing_from_elsewhere_and_is_light()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        pages.Http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        using var page = await pages.Http.GetAsync("", Token);
        var html = await page.Content.ReadAsStringAsync(Token);
        var weight = html.Length;
        foreach (var address in Addresses().Matches(html).Select(match => match.Groups["address"].Value))
        {
            weight += (await pages.Http.GetByteArrayAsync(address, Token)).Length;
        }

        Assert.InRange(weight, 10_000, MaxWeight);
        var policy = string.Join("; ", page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        foreach (var own in (string[])["noos.css", "noos.js", "speech.css", "speech.js", "theme.js", "sw.js"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, own);
            var text = await (await pages.Http.SendAsync(request, Token)).Content.ReadAsStringAsync(Token);
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Conversation_is_in_the_page_before_any_script_runs()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text("It is **deep**.")]));
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "How deep?", "document.querySelector('.figures')");

        var html = await pages.Http.GetStringAsync(
            (await browser.EvaluateAsync("location.pathname", Token))!.GetValue<string>(), Token);

        Assert.Contains("<strong>deep</strong>", html, StringComparison.Ordinal);
        Assert.Contains("How deep?", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_can_be_installed_and_says_without_its_server_that_it_opens_by_itself()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await browser.WaitForAsync("navigator.serviceWorker.controller", Token);
        var manifest = (await browser.SendAsync("Page.getAppManifest", [], Token))!;
        Assert.Empty(manifest["errors"]!.AsArray());
        Assert.Equal(["Noos", "standalone"], ((string[])["name", "display"]).Select(
            field => JsonNode.Parse(manifest["data"]!.GetValue<string>())![field]!.GetValue<string>()));
        Assert.Empty((await browser.SendAsync("Page.getInstallabilityErrors", [], Token))!["installabilityErrors"]!.AsArray());

        await pages.DownAsync();
        await browser.SendAsync("Page.navigate", new() { ["url"] = pages.Address.AbsoluteUri }, Token);
        await browser.WaitForAsync("document.querySelector('h1')?.textContent === 'Noos is not running'", Token);
        await browser.PhotographAsync("away-light", Token);
        await pages.UpAsync(new PacedCpu());
        await browser.WaitForAsync(IsReady, Token);
    }

    [Fact]
    public async Task Address_that_is_none_leads_a_person_to_a_page_and_a_program_to_an_error()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "nowhere/at/all"), Token);

        await browser.WaitForAsync("document.querySelector('h1')?.textContent === 'Nothing here'", Token);
        await ClickAsync(browser, "main a");
        await browser.WaitForAsync("document.querySelector('#ask')?.dataset.chat === 'new'", Token);
        using var answer = await pages.Http.GetAsync("nowhere/at/all", Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("is not served here", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_that_are_chosen_hold_in_every_tab_and_after_a_reload()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        const string Paper = "getComputedStyle(document.body).backgroundColor";
        var light = (await browser.EvaluateAsync(Paper, Token))!.GetValue<string>();
        await GoAsync(browser, "settings");

        await SelectAsync(browser, "[data-setting='noos.theme']", "dark");
        await browser.WaitForAsync("document.documentElement.dataset.theme === 'dark'", Token);
        var dark = (await browser.EvaluateAsync(Paper, Token))!.GetValue<string>();
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync("document.querySelector('[data-setting=\"noos.theme\"]')?.value === 'dark'", Token);

        Assert.NotEqual(light, dark);
        await browser.WaitForAsync($"{Paper} === '{dark}'", Token);
    }

    [Fact]
    public async Task Answer_and_code_of_it_are_copied_as_they_were_written()
    {
        const string Answer = "It is **so**:\n\n```js\nconst a = 1 < 2;\n```\n";
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text(Answer)]));
        await using var browser = await OpenAsync(pages.Address);
        await browser.EvaluateAsync(
            "Object.defineProperty(navigator.clipboard, 'writeText', { value: async text => { window.copied = text; } })", Token);
        await AskAsync(browser, "How?", "document.querySelector('.figures')");

        await ClickAsync(browser, "[data-act='copy-code']");
        await browser.WaitForAsync("window.copied === 'const a = 1 < 2;\\n' || window.copied === 'const a = 1 < 2;'", Token);
        await ClickAsync(browser, "[data-act='copy-answer']");
        await browser.WaitForAsync($"window.copied?.trim() === {JsonSerializer.Serialize(Answer.Trim())}", Token);
        Assert.Equal("Copied", await TextAsync(browser, "#status"));
    }

    [Fact]
    public async Task Keys_do_what_the_list_of_keys_says()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", "document.querySelector('.figures')");

        await KeyAsync(browser, "k", ctrl: true);
        await browser.WaitForAsync("document.activeElement.id === 'search'", Token);
        await KeyAsync(browser, "Escape", shift: true);
        await browser.WaitForAsync("document.activeElement.id === 'question'", Token);
        await KeyAsync(browser, "/", ctrl: true);
        await browser.WaitForAsync("document.querySelector('#shortcuts').open", Token);
        await browser.PhotographAsync("keys-light", Token);
        await browser.EvaluateAsync("document.querySelector('#shortcuts').close()", Token);
        await KeyAsync(browser, "s", ctrl: true, shift: true);
        await browser.WaitForAsync("document.documentElement.dataset.sidebar === 'closed'", Token);
        await KeyAsync(browser, "b", ctrl: true);
        await browser.WaitForAsync("document.documentElement.dataset.sidebar === 'open'", Token);
        await KeyAsync(browser, "o", ctrl: true, shift: true);
        await browser.WaitForAsync("document.querySelector('#ask').dataset.chat === 'new'", Token);
    }

    [Fact]
    public async Task Narrow_screen_has_a_drawer_and_nothing_beside_it()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu(
            [Text("A table:\n\n| A | B | C | D | E | F |\n|---|---|---|---|---|---|\n| "),
                Text(string.Join(" | ", Enumerable.Repeat("a long cell of it", 6)) + " |\n\n```\n" + new string('x', 300) + "\n```")]));
        await using var browser = await OpenAsync(pages.Address, 390, 780, "dark");
        Assert.Equal("closed", (await browser.EvaluateAsync("document.documentElement.dataset.sidebar", Token))!.GetValue<string>());
        await AskAsync(
            browser, "A table please, with a rather long question that takes more than one line", "document.querySelector('.figures')");
        await browser.PhotographAsync("phone-dark", Token);

        await browser.WaitForAsync("innerWidth === 390 && document.documentElement.scrollWidth <= innerWidth", Token);
        await ClickAsync(browser, ".bar [data-act='sidebar']");
        await browser.WaitForAsync("document.querySelector('.sidebar').getBoundingClientRect().width > 200", Token);
        await browser.PhotographAsync("phone-drawer-dark", Token);
        await ClickAsync(browser, "#new");
        await browser.WaitForAsync("document.documentElement.dataset.sidebar === 'closed'", Token);
    }

    [Fact]
    public async Task Reader_who_scrolls_up_stays_there_while_the_answer_goes_on()
    {
        var cpu = new PacedCpu(2000);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address, 800, 400);
        cpu.Hold();
        await AskAsync(browser, "Count", "document.querySelector('#stop:not([hidden])')");
        cpu.Let(1000);
        await browser.WaitForAsync("document.querySelector('#main').scrollTop > 500", Token);
        // While it is being drawn a page goes to its end; who reads scrolls on until it does not.
        await browser.WaitForAsync(
            "!document.querySelector('#latest').hidden || (document.querySelector('#main').scrollTop = 100, false)", Token);
        cpu.Let(500);
        await browser.WaitForAsync("document.querySelector('.prose').textContent.split(' ').length > 1400", Token);

        Assert.Equal(100, (await browser.EvaluateAsync("Math.round(document.querySelector('#main').scrollTop)", Token))!.GetValue<int>());
        await ClickAsync(browser, "#latest");
        cpu.Release();
        await browser.WaitForAsync("document.querySelector('.figures')", Token);
        await browser.WaitForAsync(
            "(main => main.scrollHeight - main.scrollTop - main.clientHeight < 60)(document.querySelector('#main'))", Token);
    }

    async Task KeyAsync(Browser browser, string key, bool ctrl = false, bool shift = false) => await browser.EvaluateAsync(
        $"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', ctrlKey: {(ctrl ? "true" : "false")}, "
        + $"shiftKey: {(shift ? "true" : "false")}, bubbles: true, cancelable: true }}))", Token);

    [GeneratedRegex("(src|href)=\"(?<address>[^\"]+\\?v=[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Addresses();
}
