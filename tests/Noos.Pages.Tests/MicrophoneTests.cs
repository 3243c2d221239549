using System.Formats.Tar;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Tools;
using Noos.Kernel.Speech;
using Noos.Media.Audio;
using Noos.Media.Encoders;
using Noos.Peripherals.Ear;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The microphone of a real browser, which plays a file into it.</summary>
public sealed class MicrophoneTests : PageTests, IDisposable
{
    const string Listens = "document.querySelector('#listening').dataset.heard > 20";
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_said_becomes_the_draft_that_a_person_sends()
    {
        var ear = new ScriptedEar("How deep is the sea?");
        await using var pages = await StartAsync(ear);
        await using var browser = await OpenAsync(pages.Address, arguments: Microphone(SyntheticSound.Create("band", 3, 1)));

        await TapAsync(browser, "[data-act='dictate']");
        await browser.WaitForAsync(Listens, Token);
        Assert.Equal(1, await CountAsync(browser, "[data-act='dictate'][aria-pressed='true']"));
        await ReadsAsync(browser, "Listening…", "#listening-state");
        await ClickAsync(browser, "#listening-done");

        await browser.WaitForAsync("document.querySelector('#question').value === 'How deep is the sea?'", Token);
        Assert.InRange(ear.Length, 32_000, 10_000_000);
        Assert.Equal(0, await CountAsync(browser, "#log"));
        await SendAsync(browser, "document.querySelector('.said')?.textContent.includes('How deep is the sea?')");
    }

    [Fact]
    public async Task Each_failure_is_one_sentence()
    {
        await using var pages = await StartAsync(new ScriptedEar(""));
        await using (var refused = await OpenAsync(pages.Address, arguments: "--deny-permission-prompts"))
        {
            await TapAsync(refused, "[data-act='dictate']");
            await refused.WaitForAsync("/microphone/.test(document.querySelector('#problem').textContent)", Token);
        }

        await using var browser = await OpenAsync(pages.Address, arguments: Microphone(new float[16_000]));
        await TapAsync(browser, "[data-act='dictate']");
        await browser.WaitForAsync(Listens, Token);
        await ClickAsync(browser, "#listening-done");
        await browser.WaitForAsync("document.querySelector('#problem').textContent.startsWith('No speech was heard')", Token);

        await pages.Table.RefuseAsync("user", Effect.Listen(), Token);
        await TapAsync(browser, "[data-act='dictate']");
        await browser.WaitForAsync("document.querySelector('#problem').textContent.includes('was refused for good')", Token);
    }

    [Fact]
    public async Task Page_without_an_ear_says_what_is_missing()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([Text("It is deep.")]));
        await using var browser = await OpenAsync(pages.Address, arguments: Microphone(new float[16_000]));

        await TapAsync(browser, "[data-act='dictate']");

        await browser.WaitForAsync("document.querySelector('#problem').textContent.includes('no ear')", Token);
    }

    [Fact]
    public async Task Microphone_is_refused_and_allowed_on_the_page_of_permissions()
    {
        await using var pages = await StartAsync(new ScriptedEar("Hello."));
        await using var browser = await OpenAsync(pages.Address);
        await GoAsync(browser, "permissions");

        await ClickAsync(browser, "#refuse-microphone");
        await browser.WaitForAsync("document.querySelector('#allow-microphone')", Token);
        Assert.Equal(Capability.Microphone, Assert.Single(pages.Table.Permissions()).Capability);
        await ClickAsync(browser, "#allow-microphone");
        await browser.WaitForAsync("document.querySelector('#refuse-microphone')", Token);
    }

    /// <summary>Real speech with pauses around it; the words are the real ear's where it is there.</summary>
    [Fact]
    public async Task Call_hears_a_turn_answers_aloud_and_shows_both_sides()
    {
        var archive = SharedFiles.Find("data", "speech", "kathleen.tar");
        Assert.SkipWhen(archive is null, "The shared recordings of speech are not there.");
        var model = SharedFiles.Find("data", "models", "ggml-tiny.en-q5_1.bin");
        using var ears = new EarSource(new EarOptions { Name = model, Folders = [] });
        using ISpeechToTextClient ear = model is null ? new ScriptedEar("He was yearning for a scrap.") : new EarSpeechToTextClient(ears);
        using var voice = new ToneVoice { Seconds = 1 };
        await using var pages = await StartAsync(ear, voice);
        float[] sound = [.. new float[32_000], .. Recording(archive!, "kathleen/arctic_a0176_1592713267.opus"), .. new float[640_000]];
        await using var browser = await OpenAsync(pages.Address, arguments: Microphone(sound));

        await TapAsync(browser, "[data-act='call']");
        await browser.WaitForAsync("document.querySelector('#call-person').textContent.includes('yearning for a scrap.')", Token);
        await browser.WaitForAsync("document.querySelector('#call-voice').textContent === 'It is deep.'", Token);

        await MentionsAsync(browser, "yearning for a scrap.", ".said");
        Assert.Equal("It is deep.", voice.Read[0]);
        await ClickAsync(browser, "#call-end");
        await browser.WaitForAsync("document.querySelector('#call[hidden]')", Token);
        Assert.Equal(1, await CountAsync(browser, ".said"));
    }

    static Task<RunningPages> StartAsync(ISpeechToTextClient ear, ToneVoice? voice = null) => RunningPages.StartAsync(
        new ScriptedCpu([Text("It is deep.")]), [RunningPages.Calculator()], services =>
        {
            services.AddSingleton(ear);
            if (voice is not null)
            {
                services.AddSingleton<IVoiceSource>(voice);
            }
        });

    /// <summary>What makes Chromium hear samples at 16 kHz once.</summary>
    string[] Microphone(float[] samples)
    {
        var path = _folder.File("microphone.wav");
        var encoder = new WavEncoder(SyntheticSound.SampleRate, samples.Length);
        File.WriteAllBytes(path, [.. encoder.Encode(samples), .. encoder.Finish()]);
        return
        [
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", $"--use-file-for-fake-audio-capture={path}%noloop",
        ];
    }

    static float[] Recording(string archive, string name)
    {
        using var tar = new TarReader(File.OpenRead(archive));
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.Name == name)
            {
                using var mono = new MonoReader(AudioFile.Open(entry.DataStream!), SyntheticSound.SampleRate);
                var samples = new float[SyntheticSound.SampleRate * 30];
                return samples[..mono.Read(samples)];
            }
        }

        throw new InvalidOperationException($"There is no {name}.");
    }
}
