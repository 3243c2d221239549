using System.Text.Json;
using Noos.Kernel.Speech;
using Noos.Media.Encoders;
using Noos.Server.OpenAi;

namespace Noos.Server.Audio;

/// <summary>A request to <c>POST /v1/audio/speech</c>, checked.</summary>
/// <param name="Speech">What is read, and how fast.</param>
/// <param name="Voice">Which voice; null for the usual one.</param>
/// <param name="Format">As what it is sent.</param>
/// <param name="IsEventStream">As server-sent events instead of bare bytes.</param>
sealed record SpeechBody(SpeechRequest Speech, string? Voice, AudioFormat Format, bool IsEventStream)
{
    /// <exception cref="ApiException">The body is no valid request; the message says where.</exception>
    public static SpeechBody Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    static SpeechBody Read(JsonElement body)
    {
        var root = new RequestFields(body);
        var text = root.String("input") ?? throw ApiException.Invalid("input", "The field \"input\" is missing.");
        var speed = root.Number("speed", SpeechRequest.MinSpeed, SpeechRequest.MaxSpeed) ?? 1;

        // mp3 is what clients expect who say nothing.
        var format = ReadFormat(root.String("response_format") ?? AudioFormat.Mp3.Name);
        var isEvents = root.Word("stream_format", "audio", "sse") == "sse";
        var voice = root.Find("voice") switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } name => name.GetString(),
            { ValueKind: JsonValueKind.Object } named => RequestFields.From(named, "voice").String("id"),
            _ => throw root.Bad("voice", "the name of a voice, or an object with its id"),
        };

        // Which model makes the voice is the voice's business; how it should sound cannot be told to it.
        root.Accept("model", "instructions", "user");
        root.RefuseUnknown();
        return new SpeechBody(
            new SpeechRequest(text) { Speed = speed }, string.IsNullOrWhiteSpace(voice) ? null : voice, format, isEvents);
    }

    static AudioFormat ReadFormat(string name)
    {
        try
        {
            return AudioFormat.Parse(name);
        }
        catch (Core.NoosException e)
        {
            throw ApiException.Invalid("response_format", e.Message);
        }
    }
}
