using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Inference.Estimates;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>
/// axe-core on the screens of the page. It runs where the variable NOOS_AXE names a folder in which 'npm install axe-core@4.14.1' was run.
/// </summary>
public sealed class AccessibilityTests : PageTests
{
    static readonly string? s_folder = Environment.GetEnvironmentVariable("NOOS_AXE") is { Length: > 0 } folder ? folder : null;

    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1280)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task No_screen_has_a_violation(string theme, int width)
    {
        Assert.SkipWhen(s_folder is null, "axe-core is not here.");
        var axe = await File.ReadAllTextAsync(Path.Combine(s_folder!, "node_modules", "axe-core", "axe.min.js"), Token);
        var cpu = new ScriptedCpu(
            [new ThoughtDelta("Hm."), ScriptedCpu.Call("c1", "calculator", """{"expression": "48*37+5"}""")],
            [Text("# It\n\nis **1781**, see [this](https://a.test).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```\n")],
            [Text("Again.")],
            [ScriptedCpu.Call("c2", "note", """{"text": "A"}""")]);
        await using var pages = await RunningPages.StartAsync(
            cpu, RunningPages.Calculator(), new NoteTool(), new ScriptedTool("python", _ => "1"));
        await using var browser = await OpenAsync(pages.Address, width, 800, theme);
        await CheckAsync(browser, axe, "welcome");

        await AskAsync(browser, "What is 48*37+5?", "document.querySelector('.figures')");
        await ClickAsync(browser, ".tool summary");
        await ClickAsync(browser, ".code-run button");
        await browser.WaitForAsync("document.querySelector('.code-run .printed')", Token);
        await ClickAsync(browser, "button[aria-label='Bad answer']");
        await browser.WaitForAsync("document.querySelector('.feedback')", Token);
        await CheckAsync(browser, axe, "answer");
        await ClickAsync(browser, "button[aria-label='Answer again']");
        await browser.WaitForAsync("document.querySelector('.prose')?.textContent.trim() === 'Again.'", Token);
        await ClickAsync(browser, "button[aria-label='Compare the answers']");
        await browser.WaitForAsync("document.querySelector('.comparison')", Token);
        await CheckAsync(browser, axe, "comparison");
        await AskAsync(browser, "Note it", "document.querySelector('.approval')");
        await CheckAsync(browser, axe, "approval");
        await ClickAsync(browser, "button[aria-label='What the model reads']");
        await browser.WaitForAsync("document.querySelector('.context li')", Token);
        await CheckAsync(browser, axe, "context");
        await ClickAsync(browser, ".context .quiet");
        await browser.EvaluateAsync("document.querySelector(\".bar a[href^='trace/']\").click()", Token);
        await browser.WaitForAsync("document.querySelector('.trace')", Token);
        await ClickAsync(browser, ".as-table summary");
        await CheckAsync(browser, axe, "trace");
        pages.Facts.Add("user", new("The user has a sister in Lyon.", FactState.Kept, ["family"], null), "process 1");
        pages.Facts.Add("user", new("The user wants to pay a stranger.", FactState.Waiting, [], Origin.Web), "process 1");
        pages.Facts.Forget("user", pages.Facts.Add("user", new("The user is tired.", FactState.Kept, [], null), "page").Fact.Id, "page");
        foreach (var page in (string[])["monitor", "models", "memory", "teach", "permissions", "settings"])
        {
            await browser.EvaluateAsync("document.documentElement.dataset.sidebar = 'open'", Token);
            await ClickAsync(browser, $".foot a[href='{page}']");
            await browser.WaitForAsync($"location.pathname === '/{page}' && document.querySelector('.sheet')", Token);
            await browser.EvaluateAsync("document.documentElement.dataset.sidebar = innerWidth < 800 ? 'closed' : 'open'", Token);
            await CheckAsync(browser, axe, page);
        }

        await GoAsync(browser, "models");
        await ClickAsync(browser, ".bar a[href='compare']");
        await browser.WaitForAsync("document.querySelector('.compare-form')", Token);
        await CheckAsync(browser, axe, "compare");

        await browser.EvaluateAsync("document.documentElement.dataset.sidebar = 'open'", Token);
        await ClickAsync(browser, ".item .menu summary");
        await browser.WaitForAsync("document.querySelector('.choices button')", Token);
        await CheckAsync(browser, axe, "sidebar");
        await browser.EvaluateAsync("document.querySelector('#shortcuts').showModal()", Token);
        await CheckAsync(browser, axe, "keys");
    }

    /// <summary>The screens of a server with people, and those that tell of something that is not there.</summary>
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 390)]
    public async Task No_screen_of_people_and_no_screen_of_what_is_missing_has_a_violation(string theme, int width)
    {
        Assert.SkipWhen(s_folder is null, "axe-core is not here.");
        var axe = await File.ReadAllTextAsync(Path.Combine(s_folder!, "node_modules", "axe-core", "axe.min.js"), Token);
        using var folder = new TemporaryFolder();
        await using var pages = await RunningPages.StartWithAccountsAsync(new ScriptedCpu(), services =>
        {
            services.AddSingleton(new ModelLibrary(new ModelLibraryOptions { Folders = [], PullFolder = folder.Path }));
            services.AddSingleton(new HubOptions { Endpoint = new Uri("http://127.0.0.1:9/") });
            services.AddSingleton(new ModelReporter(new MachineSpeed(1e10, 1e11, 1e11)));
        });
        pages.Accounts!.SetPassword("olga", "a good password");
        pages.Accounts.Add("anna");
        pages.Accounts.AddKey("olga", "notebook");
        await using var browser = await Browser.StartAsync(new Uri(pages.Address, "login"), Token);
        await browser.LookAsync(width, 800, theme, Token);
        await browser.WaitForAsync("document.querySelector('[name=password]')", Token);
        await CheckAsync(browser, axe, "login");
        await browser.EvaluateAsync(
            "document.querySelector('[name=name]').value = 'olga'; "
            + "document.querySelector('[name=password]').value = 'a good password'; document.querySelector('form button').click()", Token);
        await browser.WaitForAsync(
            "document.querySelector('#question') && document.documentElement.dataset.connected !== undefined", Token);
        foreach (var (address, sign) in (IEnumerable<(string, string)>)[
            ("settings", "#people"), ("models", "#hub-problem"), ("chat/99", "main a"), ("not-found", "main a"), ("compare/99", "main a"),
            ("trace/99", "main a")])
        {
            await browser.SendAsync("Page.navigate", new() { ["url"] = new Uri(pages.Address, address).AbsoluteUri }, Token);
            await browser.WaitForAsync(
                $"location.pathname === '/{address}' && document.querySelector('{sign}') && document.readyState === 'complete'", Token);
            // The title is drawn anew when the page begins to listen.
            await browser.EvaluateAsync(
                "new Promise(done => { let since = Date.now(); (function look() { if (!document.title) since = Date.now(); "
                + "Date.now() - since > 1500 ? done() : setTimeout(look, 10); })(); })", Token);
            await CheckAsync(browser, axe, address);
            await browser.PhotographAsync($"axe-{address.Replace('/', '-')}-{theme}-{width}", Token);
        }
    }

    async Task CheckAsync(Browser browser, string axe, string screen)
    {
        // Colours that fade in are not what is read.
        await browser.EvaluateAsync("Promise.all(document.getAnimations().map(animation => animation.playState === 'running' "
            + "&& animation.effect.getTiming().iterations !== Infinity ? animation.finished : null))", Token);
        var found = (await browser.EvaluateAsync(
            axe + "; axe.run().then(result => result.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html"
            + " + ' ' + node.failureSummary).join(' / ')).join('\\n'))", Token))!.GetValue<string>();
        Assert.True(found.Length == 0, $"{screen}: {found}");
    }
}
