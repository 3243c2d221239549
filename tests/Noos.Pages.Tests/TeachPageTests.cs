using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>What people teach: collected on a page, agreed to, had as files and forgotten.</summary>
public sealed class TeachPageTests : PageTests
{
    static ScriptedCpu Numbered() =>
        new([.. Enumerable.Range(1, 50).Select(i => (IReadOnlyList<CpuEvent>)[new TextDelta($"Answer {i}.")])]);

    [Fact]
    public async Task Four_answers_are_ranked_in_the_chat_and_stand_on_the_page()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", "document.querySelector('.figures')");
        await ClickAsync(browser, "button[aria-label='Answer again']");
        await browser.WaitForAsync(Reads("Answer 2."), Token);
        await ClickAsync(browser, "button[aria-label='Compare the answers']");
        foreach (var count in (int[])[3, 4])
        {
            await browser.WaitForAsync($"document.querySelectorAll('.column').length === {count - 1}", Token);
            await PressAsync(browser, ".comparison", "Another answer");
        }

        await browser.WaitForAsync("document.querySelectorAll('.column').length === 4", Token);
        Assert.DoesNotContain("Another answer", await TextAsync(browser, ".comparison"), StringComparison.Ordinal);
        await PressAsync(browser, ".column:nth-child(3)", "Better");
        await browser.WaitForAsync("document.querySelector('.column:nth-child(3) button').textContent.trim() === 'Best'", Token);
        await PressAsync(browser, ".column:nth-child(1)", "Better");
        await browser.WaitForAsync("document.querySelector('.column:nth-child(1) button').textContent.trim() === 'Second'", Token);
        await PressAsync(browser, ".comparison", "Keep the order");
        await browser.WaitForAsync(Reads("Answer 3."), Token);

        await GoAsync(browser, "teach");
        await ListsAsync(browser, "1Answer 3.|2Answer 1.|3Answer 2.|3Answer 4.", ".ranking li");
        // Of the two that were left out nothing is known but that they are worse.
        Assert.Equal(
            ["3>1", "3>2", "3>4", "1>2", "1>4"],
            new TeachingStore(pages.Table).Pairs("user").Select(pair => $"{Number(pair.Chosen)}>{Number(pair.Rejected)}"));
    }

    [Fact]
    public async Task Answer_is_edited_into_the_ideal_one_which_is_had_as_a_file_for_the_next_training()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", "document.querySelector('.figures')");
        await AskAsync(browser, "Two", "document.querySelectorAll('.figures').length === 2");

        await DoAsync(browser, "[...document.querySelectorAll(\"button[aria-label='Write the ideal answer']\")][1]", "click()");
        await browser.WaitForAsync("document.activeElement.id.startsWith('ideal-') && document.activeElement.value === 'Answer 2.'", Token);
        await browser.TypeAsync("The ideal.", Token);
        await ClickAsync(browser, ".feedback .main");
        await browser.WaitForAsync("!document.querySelector('.feedback')", Token);
        await GoAsync(browser, "teach");

        await ReadsAsync(browser, "The ideal.", ".ideal .words");
        var sft = await pages.Http.GetStringAsync("teach/sft.jsonl", Token);
        using var line = JsonDocument.Parse(Assert.Single(sft.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        var messages = line.RootElement.GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal(["One", "Answer 1.", "Two", "The ideal."], messages.Select(message => message.GetProperty("content").GetString()));
        // What was answered before is read, and not learned.
        Assert.Equal(0, messages[1].GetProperty("weight").GetInt32());
        Assert.False(messages[3].TryGetProperty("weight", out _));
        var pair = (await pages.Http.GetStringAsync("teach/pairs.jsonl", Token)).Trim();
        Assert.Contains("""
            "chosen":[{"role":"assistant","content":"The ideal."}],"rejected":[{"role":"assistant","content":"Answer 2."}]
            """, pair, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consent_is_off_until_it_is_given_and_is_taken_back_with_the_keyboard()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        var store = new TeachingStore(pages.Table);
        await GoAsync(browser, "teach");
        Assert.Empty(store.ConsentingOwners());

        foreach (var expected in (string[])["true", "false"])
        {
            await FocusAsync(browser, "#agree");
            await PressEnterAsync(browser);
            await browser.WaitForAsync($"document.querySelector('#agree').getAttribute('aria-checked') === '{expected}'", Token);
            Assert.Equal(expected == "true" ? ["user"] : [], store.ConsentingOwners());
        }
    }

    [Fact]
    public async Task What_was_taught_is_forgotten_one_by_one_and_all_at_once_also_in_the_file()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        var id = (await pages.Table.SpawnAsync("user", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
        for (var i = 0; i < 3; i++)
        {
            await pages.Table.SayAsync(id, Message.User($"Question {i}"), Token);
            await pages.Table.WaitAsync(id, Token);
            var answer = pages.Table.Turns(id).Last(entry => entry.Event is RunEnded).Id;
            await pages.Table.GiveFeedbackAsync(id, new FeedbackGiven(answer, FeedbackVerdict.Good, $"Reason {i}"), Token);
        }

        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "teach");
        await ListsAsync(browser, "Reason 2|Reason 1|Reason 0", ".taught .reason");

        await ClickAsync(browser, ".taught:nth-child(2) .act");
        await browser.WaitForAsync("document.querySelector('.taught .confirming')", Token);
        await PressAsync(browser, ".confirming", "Forget");
        await browser.WaitForAsync("document.querySelectorAll('.taught').length === 2", Token);
        await ListsAsync(browser, "Reason 2|Reason 0", ".taught .reason");

        await PressAsync(browser, ".sheet", "Forget all of it");
        await browser.WaitForAsync("document.querySelector('#forget')", Token);
        await ClickAsync(browser, "#forget");
        await browser.WaitForAsync("document.querySelector('.empty')", Token);
        var left = pages.Table.Turns(id).Select(entry => entry.Event).OfType<FeedbackGiven>();
        Assert.All(left, one => Assert.True(one.IsEmpty));
        Assert.Equal("", await pages.Http.GetStringAsync("teach/sft.jsonl", Token));
    }

    static string Reads(string text) => $"document.querySelector('.prose')?.textContent.trim() === '{text}'"
        + " && !document.querySelector(\"[aria-busy='true']\")";

    static string Number(IReadOnlyList<Message> answer) => answer[0].Text()["Answer ".Length..^1];
}
