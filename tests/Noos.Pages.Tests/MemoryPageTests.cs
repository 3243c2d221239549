using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What is remembered across conversations, on a page.</summary>
public sealed class MemoryPageTests : PageTests
{
    const string Owner = "user";

    [Fact]
    public async Task Fact_is_written_changed_forgotten_and_brought_back()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu());
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "memory");

        await FocusAsync(browser, "#fact");
        await browser.TypeAsync("I like towers.", Token);
        await browser.WaitForAsync("!document.querySelector('.adding button').disabled", Token);
        await PressEnterAsync(browser);
        await browser.WaitForAsync("document.querySelector('.facts li p')?.textContent.trim() === 'I like towers.'", Token);
        await browser.WaitForAsync("document.querySelector('#fact').value === ''", Token);

        await ClickAsync(browser, "button[aria-label='Edit: I like towers.']");
        await browser.WaitForAsync("document.activeElement.closest('.editing')", Token);
        await browser.EvaluateAsync("document.activeElement.select()", Token);
        await browser.TypeAsync("I like bridges.", Token);
        await ClickAsync(browser, ".editing .main");
        await browser.WaitForAsync("document.querySelector('.facts li p')?.textContent.trim() === 'I like bridges.'", Token);

        await ClickAsync(browser, "button[aria-label='What happened to: I like bridges.']");
        await browser.WaitForAsync("document.querySelector('.changes del')", Token);
        await ReadsAsync(browser, "I like towers. I like bridges.", ".changes li p");

        await ClickAsync(browser, "button[aria-label='Forget: I like bridges.']");
        await browser.WaitForAsync("document.querySelector('.empty') && document.querySelector('.undo')", Token);
        Assert.Equal(FactState.Forgotten, pages.Facts.List(Owner, FactState.Forgotten)[0].State);

        await PressAsync(browser, ".undo", "Undo");
        // The list of the forgotten has it, too, until then.
        await browser.WaitForAsync(
            "!document.querySelector('.empty') && document.querySelector('.facts li p')?.textContent.trim() === 'I like bridges.'", Token);
        Assert.Equal("I like bridges.", Assert.Single(pages.Facts.List(Owner, FactState.Kept)).Text);
    }

    [Fact]
    public async Task Fact_that_was_remembered_elsewhere_appears_by_itself_and_disturbs_nobody_who_types()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu());
        var (known, _) = pages.Facts.Add(Owner, new FactVersion("I like bridges.", FactState.Kept, [], null), "process 1");
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "memory");
        await FocusAsync(browser, "#fact");
        await browser.TypeAsync("I am about to", Token);

        // Another program of the home, as a command is.
        var other = new Kernel.Facts.FactStore(pages.Home);
        other.Add(Owner, new FactVersion("I like towers.", FactState.Kept, [], null), "process 2");
        await browser.WaitForAsync("document.querySelectorAll('.facts > li').length === 2", Token);
        other.Purge(Owner, known.Id);
        await browser.WaitForAsync("document.querySelectorAll('.facts > li').length === 1", Token);

        Assert.Equal("I like towers.", await TextAsync(browser, ".facts li p"));
        Assert.Equal("I am about to", (await browser.EvaluateAsync("document.activeElement.value", Token))!.GetValue<string>());
    }

    [Fact]
    public async Task Fact_from_a_web_page_waits_for_its_person_and_says_where_it_was_heard()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu());
        foreach (var text in (string[])["The user wants to pay a stranger.", "The user lives in Lyon."])
        {
            pages.Facts.Add(Owner, new FactVersion(text, FactState.Waiting, [], Origin.Web), "process 7");
        }

        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "memory");
        await browser.WaitForAsync("document.querySelectorAll('.approval').length === 2", Token);
        await MentionsAsync(browser, "a web page", ".approval h3");

        await PressAsync(browser, ".approval", "Remember it");
        await browser.WaitForAsync("document.querySelectorAll('.approval').length === 1", Token);
        await PressAsync(browser, ".approval", "Refuse");
        await browser.WaitForAsync("!document.querySelector('.approval')", Token);

        Assert.Equal("The user lives in Lyon.", Assert.Single(pages.Facts.List(Owner, FactState.Kept)).Text);
        Assert.Empty(pages.Facts.List(Owner, FactState.Waiting));
    }

    [Fact]
    public async Task Facts_are_searched_and_a_forgotten_one_is_removed_for_good()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu());
        foreach (var text in (string[])["The user's sister lives in Lyon.", "The user plays chess."])
        {
            pages.Facts.Add(Owner, new FactVersion(text, FactState.Kept, [], null), "noos memory add");
        }

        // Another's is nobody's business here.
        pages.Facts.Add("anna", new FactVersion("Anna plays chess.", FactState.Kept, [], null), "test");
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "memory");
        await FocusAsync(browser, ".narrow input");
        await browser.TypeAsync("play", Token);
        await browser.WaitForAsync("document.querySelectorAll('.facts li').length === 1", Token);
        Assert.Equal("The user plays chess.", await TextAsync(browser, ".facts li p"));

        await ClickAsync(browser, "button[aria-label='Forget: The user plays chess.']");
        await browser.WaitForAsync("document.querySelector('.forgotten')", Token);
        await ClickAsync(browser, "button[aria-label='Remove for good: The user plays chess.']");
        await browser.WaitForAsync("!document.querySelector('.forgotten')", Token);

        Assert.Single(pages.Facts.List(Owner));
        Assert.Empty(pages.Facts.List(Owner, FactState.Forgotten));
    }
}
