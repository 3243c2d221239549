using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The tree of a conversation: edit, answer again, arrows, fork, queue.</summary>
public sealed class BranchPageTests : PageTests
{
    static ScriptedCpu Numbered() =>
        new([.. Enumerable.Range(1, 50).Select(i => (IReadOnlyList<CpuEvent>)[new TextDelta($"Answer {i}.")])]);

    [Fact]
    public async Task Edited_question_and_second_answer_are_branches_with_arrows_which_a_reload_keeps()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", Shows("One", "Answer 1."));
        await AskAsync(browser, "Two", Shows("One", "Answer 1.", "Two", "Answer 2."));

        await ClickAsync(browser, "button[aria-label='Answer again']");
        await browser.WaitForAsync(Shows("One", "Answer 3."), Token);
        await ReadsAsync(browser, "2/2", ".assistant .arrows span");

        await ClickAsync(browser, ".assistant button[aria-label='Previous answer']");
        await browser.WaitForAsync(Shows("One", "Answer 1.", "Two", "Answer 2."), Token);

        await DoAsync(browser, "document.querySelectorAll(\"button[aria-label='Edit the question']\")[1]", "click()");
        await browser.WaitForAsync("document.activeElement.closest('.editing')", Token);
        await browser.EvaluateAsync("document.activeElement.select()", Token);
        await browser.TypeAsync("Deux", Token);
        await ClickAsync(browser, ".editing .main");
        await browser.WaitForAsync(Shows("One", "Answer 1.", "Deux", "Answer 4."), Token);
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady, Token);
        await ReadsAsync(browser, "2/2", ".under-question .arrows span");
        await browser.PhotographAsync("branches-light", Token);

        await ClickAsync(browser, ".under-question button[aria-label='Previous question']");
        await browser.WaitForAsync(Shows("One", "Answer 1.", "Two", "Answer 2."), Token);
    }

    [Fact]
    public async Task Fork_begins_a_conversation_of_its_own_with_all_up_to_the_answer()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", Shows("One", "Answer 1."));
        await AskAsync(browser, "Two", Shows("One", "Answer 1.", "Two", "Answer 2."));
        var before = await TextAsync(browser, ".bar h1");

        await ClickAsync(browser, "button[aria-label='Fork from here']");
        await browser.WaitForAsync($"document.querySelector('.bar h1').textContent === '{before} (fork)'", Token);
        await browser.WaitForAsync(Shows("One", "Answer 1."), Token);
        await AskAsync(browser, "Other", Shows("One", "Answer 1.", "Other", "Answer 3."));

        await browser.WaitForAsync("document.querySelectorAll('.item').length === 2", Token);
    }

    [Fact]
    public async Task Question_while_an_answer_is_written_waits_or_is_asked_now()
    {
        var cpu = new PacedCpu();
        await using var pages = await RunningPages.StartAsync(cpu);
        await using var browser = await OpenAsync(pages.Address);
        cpu.Hold();
        await AskAsync(browser, "One", "document.querySelector('#stop:not([hidden])')");
        await AskAsync(browser, "Two", "document.querySelector('.queue li span')?.textContent === 'Two'");
        await browser.PhotographAsync("queue-light", Token);

        await ClickAsync(browser, ".queue button");
        await browser.WaitForAsync("document.querySelectorAll('.said').length === 2 && !document.querySelector('.queue')", Token);
        cpu.Release();
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 2", Token);

        await browser.WaitForAsync("document.querySelector('.figures').textContent.startsWith('Stopped')", Token);
    }

    [Fact]
    public async Task Thumbs_a_reason_an_ideal_answer_and_an_order_of_answers_are_kept_in_the_journal()
    {
        await using var pages = await RunningPages.StartAsync(Numbered());
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "One", Shows("One", "Answer 1."));

        await ClickAsync(browser, "button[aria-label='Bad answer']");
        await browser.WaitForAsync("document.querySelector('.feedback')", Token);
        await browser.PhotographAsync("feedback-light", Token);
        await ClickAsync(browser, ".chip-button");
        await FocusAsync(browser, ".feedback textarea");
        await browser.TypeAsync("A better one.", Token);
        await ClickAsync(browser, ".feedback .main");
        await browser.WaitForAsync("!document.querySelector('.feedback')", Token);
        await browser.WaitForAsync("document.querySelector(\"button[aria-label='Bad answer'][aria-pressed='true']\")", Token);

        await ClickAsync(browser, "button[aria-label='Answer again']");
        await browser.WaitForAsync(Shows("One", "Answer 2."), Token);
        await ClickAsync(browser, "button[aria-label='Compare the answers']");
        await browser.WaitForAsync("document.querySelectorAll('.column').length === 2", Token);
        await browser.PhotographAsync("compare-light", Token);
        await ClickAsync(browser, ".column button");
        await browser.WaitForAsync("document.querySelector('.column button').textContent.trim() === 'Best'", Token);
        await ClickAsync(browser, ".comparison .main");
        await browser.WaitForAsync(Shows("One", "Answer 1."), Token);

        var process = pages.Table.List().Single().Id;
        var turns = pages.Table.Turns(process);
        var answers = turns.Where(entry => entry.Event is RunEnded).Select(entry => entry.Id).ToArray();
        var feedback = turns.Select(entry => entry.Event).OfType<FeedbackGiven>().Last();
        Assert.Equal((answers[0], FeedbackVerdict.Bad, "Wrong", "A better one."),
            (feedback.Answer, feedback.Verdict, feedback.Reason, feedback.Ideal));
        Assert.Equal(answers, feedback.Better);
    }

    static string Shows(params IEnumerable<string> texts) =>
        "[...document.querySelectorAll('.said, .prose')].map(place => place.textContent.trim()).join('|') === '"
        + string.Join('|', texts) + "' && !document.querySelector(\"[aria-busy='true']\")";
}
