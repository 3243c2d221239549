using System.Text.Json;
using Noos.Kernel.Gate;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Everything that people do on the pages, with keys alone: each place can be reached, and shows that it has been.</summary>
public sealed class KeyboardTests : PageTests
{
    const int Tab = 9;

    // From the question to the first conversation of the list, over all buttons of a page.
    const int MaxTabs = 90;

    const string Focused = "document.activeElement";

    // Its outline, the line above a whole page, or the frame of the box in which it stands.
    const string IsShown = """
        (place => {
            const style = getComputedStyle(place);
            const isFramed = place.closest('#ask, .search, .adding, .editing') !== null
                || (place.matches('main') && style.boxShadow !== 'none');
            return place.checkVisibility({ opacityProperty: true, visibilityProperty: true })
                && (isFramed || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0));
        })(document.activeElement)
        """;

    [Fact]
    public async Task Conversation_is_begun_stopped_edited_asked_again_and_left_with_keys_alone()
    {
        var cpu = new PacedCpu(8);
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await browser.TypeAsync("First", Token);
        await SendAsync(browser, "document.querySelector('#stop:not([hidden])')");
        cpu.Let(2);
        await browser.WaitForAsync("document.querySelector('.prose')", Token);
        await PressEscapeAsync(browser);
        await browser.WaitForAsync("document.querySelector('.figures')?.textContent.startsWith('Stopped')", Token);
        await HasFocusAsync(browser, "#question");
        cpu.Release();

        await GoToAsync(browser, "[aria-label='Edit the question']", isBack: true);
        await PressEnterAsync(browser);
        await HasFocusAsync(browser, ".user .editing textarea");
        await PressEscapeAsync(browser);
        await HasFocusAsync(browser, "[aria-label='Edit the question']");
        await PressEnterAsync(browser);
        await HasFocusAsync(browser, ".user .editing textarea");
        await browser.TypeAsync("First, better", Token);
        await browser.PressAsync("Enter", 13, KeyModifiers.Ctrl, Token);
        await browser.WaitForAsync("document.querySelector('.said')?.textContent === 'First, better' && " + IsOver(1), Token);
        await HasFocusAsync(browser, "#question");

        await GoToAsync(browser, "[aria-label='Answer again']", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('#arrows-answer-1 span')?.textContent === '2/2' && " + IsOver(1), Token);
        await HasFocusAsync(browser, "#question");
        await GoToAsync(browser, "[aria-label='Previous answer']", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('#arrows-answer-1 span')?.textContent === '1/2'", Token);
        // The arrow that was pressed is at its end now: the other has the keys.
        await HasFocusAsync(browser, "#arrows-answer-1 button");

        await browser.PressAsync("o", 'O', KeyModifiers.Ctrl | KeyModifiers.Shift, Token);
        await browser.WaitForAsync("document.querySelector('#ask').dataset.chat === 'new'", Token);
        await HasFocusAsync(browser, "#question");
        await browser.TypeAsync("Second", Token);
        await SendAsync(browser, "document.querySelector('.said')?.textContent === 'Second' && " + IsOver(1));

        await GoToAsync(browser, ".item:not(.current) > a", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.said')?.textContent === 'First, better'", Token);
    }

    [Fact]
    public async Task Menu_of_a_conversation_is_opened_used_and_closed_with_keys_alone()
    {
        await using var pages = await RunningPages.StartAsync(new PacedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await browser.TypeAsync("A fox", Token);
        await SendAsync(browser, "document.querySelector('.item .label')?.textContent === 'A fox' && " + IsOver(1));

        await GoToAsync(browser, ".item .menu summary", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.menu[open] .choices')", Token);
        await GoToAsync(browser, ".choices > :first-child");
        await PressEscapeAsync(browser);
        await browser.WaitForAsync("!document.querySelector('.menu[open]')", Token);
        await HasFocusAsync(browser, ".item .menu summary");

        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.menu[open] .choices')", Token);
        await GoToAsync(browser, ".choices > :first-child");
        await PressEnterAsync(browser);
        await HasFocusAsync(browser, "#rename");
        await browser.TypeAsync("A red fox", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.item .label')?.textContent === 'A red fox'", Token);
        await HasFocusAsync(browser, ".item > a");

        await GoToAsync(browser, ".item .menu summary");
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.menu[open] .choices')", Token);
        await GoToAsync(browser, ".choices > .danger");
        await PressEnterAsync(browser);
        // What cannot be taken back is not one key away.
        await HasFocusAsync(browser, ".confirm .plain:not(.danger)");
        await PressEnterAsync(browser);
        await browser.WaitForAsync("!document.querySelector('.confirm')", Token);
        await HasFocusAsync(browser, ".item > a");
    }

    [Fact]
    public async Task Approval_permissions_and_monitor_are_used_with_keys_alone()
    {
        var note = new NoteTool();
        await using var pages = await RunningPages.StartAsync(
            new ScriptedCpu([ScriptedCpu.Call("c1", "note", """{"text": "Green"}""")], [Text("Done.")]), note);
        await using var browser = await OpenAsync(pages.Address);
        await browser.TypeAsync("Note it", Token);
        await SendAsync(browser, "document.querySelector('.approval')");
        await GoToAsync(browser, ".approval .main", isBack: true);
        await GoToAsync(browser, ".approval .plain:nth-of-type(3)");
        await PressEnterAsync(browser);
        await browser.WaitForAsync(IsOver(1), Token);
        Assert.Equal(ApprovalScope.Always, pages.Table.Permissions().Single().Process is null ? ApprovalScope.Always : ApprovalScope.Once);
        await HasFocusAsync(browser, "#question");

        await GoToAsync(browser, ".foot a[href='permissions']", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.bar h1')?.textContent === 'Permissions'", Token);
        await GoToAsync(browser, "td button");
        await PressEnterAsync(browser);
        await browser.WaitForAsync("!document.querySelector('td button')", Token);
        Assert.NotNull(pages.Table.Permissions().Single().Revoked);
        await browser.WaitForAsync($"{Focused} !== document.body", Token);

        await GoToAsync(browser, ".foot a[href='monitor']", isBack: true);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.top select')", Token);
        await GoToAsync(browser, ".top select");
        await GoToAsync(browser, ".top .acts button");

        await GoToAsync(browser, ".skip", isBack: true);
        await PressEnterAsync(browser);
        await HasFocusAsync(browser, "main");
        Assert.Equal("/monitor", (await browser.EvaluateAsync("location.pathname", Token))!.GetValue<string>());
    }

    static string IsOver(int answers) =>
        $"document.querySelectorAll('.figures').length === {answers} && !document.querySelector(\"[aria-busy='true']\")";

    Task HasFocusAsync(Browser browser, string selector) =>
        browser.WaitForAsync($"{Focused}.matches({JsonSerializer.Serialize(selector)}) && {IsShown}", Token);

    /// <summary>Presses the tabulator until a place has the keys; every place on the way shows that it has them.</summary>
    async Task GoToAsync(Browser browser, string selector, bool isBack = false)
    {
        var way = new List<string>();
        for (var tabs = 0; tabs < MaxTabs; tabs++)
        {
            await browser.PressAsync("Tab", Tab, isBack ? KeyModifiers.Shift : KeyModifiers.None, Token);
            // In one look: between two, the page may be drawn anew, and the keys go elsewhere.
            var seen = (await browser.EvaluateAsync(
                $"[{Focused}.outerHTML.slice(0, 160), {Focused} === document.body || {IsShown}, "
                + $"{Focused}.matches({JsonSerializer.Serialize(selector)})]", Token))!.AsArray();
            way.Add(seen[0]!.GetValue<string>());
            Assert.True(seen[1]!.GetValue<bool>(), $"It does not show that it has the keys: {way[^1]}");
            if (seen[2]!.GetValue<bool>())
            {
                return;
            }
        }

        Assert.Fail($"{selector} is not reached: {string.Join('\n', way)}");
    }
}
