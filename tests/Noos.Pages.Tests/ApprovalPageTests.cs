using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>Questions of the gate, answered from the page.</summary>
public sealed class ApprovalPageTests : PageTests
{
    [Fact]
    public async Task Exact_effect_is_shown_and_an_answer_for_the_conversation_is_not_asked_again()
    {
        var note = new NoteTool();
        await using var pages = await RunningPages.StartAsync(Noting("The door is green"), note);
        await using var browser = await OpenAsync(pages.Address);

        await AskAsync(browser, "Note that the door is green", "document.querySelector('.approval')");
        await browser.PhotographAsync("approval-light", Token);
        Assert.Equal("Remember: The door is green", await TextAsync(browser, ".effect b"));
        Assert.Equal("The door is green", await TextAsync(browser, ".effect pre"));
        Assert.Empty(note.Notes);
        // It waits for its person as long as it takes: also over a reload.
        await browser.ReloadAsync(Token);
        await browser.WaitForAsync(IsReady, Token);
        await PressAsync(browser, ".approval", "Always in this conversation");
        await browser.WaitForAsync("document.querySelectorAll('.figures').length === 1", Token);
        Assert.Equal(["The door is green"], note.Notes);

        await AskAsync(browser, "Note it again", "document.querySelectorAll('.figures').length === 2");

        Assert.Equal(2, note.Notes.Count);
        Assert.Equal(0, await CountAsync(browser, ".approval"));
    }

    [Fact]
    public async Task Refused_call_does_not_run_and_never_is_remembered()
    {
        var note = new NoteTool();
        await using var pages = await RunningPages.StartAsync(Noting("Secret"), note);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Note it", "document.querySelector('.approval')");

        await PressAsync(browser, ".approval", "Never");
        await browser.WaitForAsync("document.querySelector('.figures')", Token);

        Assert.Empty(note.Notes);
        Assert.Equal(1, await CountAsync(browser, ".tool.failed"));
        Assert.False(Assert.Single(pages.Table.Permissions()).IsGranted);
    }

    static ScriptedCpu Noting(string text) => new(
        [ScriptedCpu.Call("c1", "note", $$"""{"text": "{{text}}"}""")], [Text("Done.")],
        [ScriptedCpu.Call("c2", "note", $$"""{"text": "{{text}}"}""")], [Text("Done.")]);
}
