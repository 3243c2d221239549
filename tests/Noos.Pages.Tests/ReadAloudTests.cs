using Microsoft.Extensions.DependencyInjection;
using Noos.Kernel.Speech;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>An answer is read aloud in the browser, while it is being written and afterwards, and can be stopped.</summary>
public sealed class ReadAloudTests : PageTests
{
    [Fact]
    public async Task Answer_is_read_sentence_by_sentence_and_stops_with_its_button()
    {
        using var voice = new ToneVoice { Seconds = 1 };
        var answer = string.Join(' ', Enumerable.Range(1, 100).Select(i => $"This is **sentence {i}** of it."));
        await using var pages = await StartAsync(new ScriptedCpu([Text(answer)]), voice);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Tell me", "document.querySelector('.figures')");

        await TapAsync(browser, "[data-act='read-aloud']");
        await browser.WaitForAsync("document.querySelector('#speech:not([hidden])')?.dataset.read >= 2", Token);
        Assert.StartsWith("This is sentence 1 of it.|This is sentence 2 of it.", string.Join('|', voice.Read), StringComparison.Ordinal);
        await TapAsync(browser, "#speech-stop");
        await browser.WaitForAsync("document.querySelector('#speech').hidden", Token);

        // Not all of it is made at once, which would be a minute and more ahead of what is heard.
        Assert.InRange(voice.Read.Count, 2, 90);
        Assert.Equal("read-aloud", (await browser.EvaluateAsync("document.activeElement.dataset.act", Token))!.GetValue<string>());
    }

    [Fact]
    public async Task Escape_ends_the_voice_before_the_answer_and_the_keys_begin_it()
    {
        using var voice = new ToneVoice { Seconds = 3 };
        await using var pages = await StartAsync(new ScriptedCpu([Text("One. Two. Three. Four.")]), voice);
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "Count", "document.querySelector('.figures')");

        // A key is a gesture as good as a click.
        await browser.PressAsync("L", 76, KeyModifiers.Ctrl | KeyModifiers.Shift, Token);
        await browser.WaitForAsync("document.querySelector('#speech:not([hidden])')?.dataset.read >= 1", Token);
        await browser.PressAsync("Escape", 27, Token);

        await browser.WaitForAsync("document.querySelector('#speech').hidden", Token);
    }

    [Fact]
    public async Task Page_without_a_voice_says_what_is_missing()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text("It is deep.")]));
        await using var browser = await OpenAsync(pages.Address);
        await AskAsync(browser, "How deep?", "document.querySelector('.figures')");

        await TapAsync(browser, "[data-act='read-aloud']");

        await browser.WaitForAsync("document.querySelector('#problem')?.textContent.includes('no voices')", Token);
    }

    static Task<RunningPages> StartAsync(ScriptedCpu cpu, ToneVoice voice) => RunningPages.StartAsync(
        cpu, [RunningPages.Calculator()], services => services.AddSingleton<IVoiceSource>(voice));
}
