using CsCheck;
using Noos.Core;
using Noos.Kernel.Speech;
using Noos.Peripherals.Voice;
using Noos.Peripherals.Voice.Piper;
using Noos.Testing;

#pragma warning disable MEAI001 // The interface is still experimental.

namespace Noos.Peripherals.Tests.Voice.Piper;

/// <summary>Files and phonemes of a voice, with a stand-in that has the published inputs and outputs.</summary>
public sealed class PiperVoiceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_sentence_is_a_piece_of_sound()
    {
        using var voice = PiperVoice.Open(TinyVoice.Write(_folder.Path));

        var sentences = voice.Speak(new SpeechRequest("Hello. The hello!"), Token).ToList();

        Assert.Equal(["Hello.", "The hello!"], sentences.Select(sentence => sentence.Text));
        Assert.All(sentences, sentence => Assert.Equal(16_000, sentence.SampleRate));

        // Begin, seven sounds and a mark with padding between them, end; and a pause of a fifth of a second.
        Assert.Equal(((2 + 1 + (2 * 7)) * TinyVoice.Step) + 3200, sentences[0].Samples.Length);
        Assert.All(sentences[0].Samples, sample => Assert.InRange(sample, -1, 1));
    }

    [Fact]
    public void Phonemes_are_numbered_as_piper_does()
    {
        using var voice = PiperVoice.Open(TinyVoice.Write(_folder.Path));

        Assert.Equal([1L, 0, 6, 0, 5, 0, 7, 0, 2], voice.Encode("hə?l"));
    }

    [Fact]
    public void Library_lists_and_opens_what_lies_in_its_folder()
    {
        TinyVoice.Write(_folder.Path, "en_US-one");
        TinyVoice.Write(_folder.Path, "en_US-two");
        using var library = new VoiceLibrary([_folder.Path, "/nowhere"], "en_US-two");

        Assert.Equal(["en_US-two", "en_US-one"], library.List().Where(voice => voice.Kind == "Piper").Select(voice => voice.Name));
        Assert.Equal("en_US-two", library.Open(null).Info.Name);
        Assert.Equal("en_US-two", library.Open("alloy").Info.Name);
        Assert.Equal("en_US-one", library.Open("en_us-ONE").Info.Name);
        Assert.Contains("en_US-one", Assert.Throws<NoosException>(() => library.Open("en_US-on")).Message, StringComparison.Ordinal);

        // A request must not name files of the machine.
        Assert.Throws<NoosException>(() => library.Open(Path.Combine(_folder.Path, "en_US-one.onnx")));
    }

    [Fact]
    public void Voice_without_its_json_says_what_is_missing()
    {
        var path = TinyVoice.Write(_folder.Path);
        File.Delete(path + ".json");

        Assert.Contains(".json", Assert.Throws<NoosException>(() => PiperVoice.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_descriptions_are_refused()
    {
        var whole = File.ReadAllBytes(Json());
        Gen.Select(Gen.Int[0, 400].Array[1, 5], Gen.Byte.Array[5]).Sample((places, values) =>
        {
            byte[] json = [.. whole];
            for (var i = 0; i < places.Length; i++)
            {
                json[places[i] % json.Length] = values[i];
            }

            try
            {
                PiperConfig.Parse(json, "damaged");
            }
            catch (NoosException e)
            {
                Assert.Equal(ErrorKind.Damaged, e.Kind);
            }
        }, iter: 3000);
    }

    [Fact]
    public async Task Client_of_extensions_ai_speaks_with_the_voices()
    {
        TinyVoice.Write(_folder.Path);
        using var library = new VoiceLibrary([_folder.Path], "tiny");
        using var client = new LocalTextToSpeechClient(library);

        var response = await client.GetAudioAsync("Hello.", new() { AudioFormat = "wav", VoiceId = "tiny" }, Token);

        var content = Assert.IsType<Microsoft.Extensions.AI.DataContent>(Assert.Single(response.Contents));
        Assert.Equal(("audio/wav", "tiny"), (content.MediaType, response.ModelId));
        Assert.True(content.Data.Span.StartsWith("RIFF"u8));
    }

    public void Dispose() => _folder.Dispose();

    string Json() => _json ??= TinyVoice.Write(_folder.Path, "fuzzed") + ".json";

    string? _json;
}
