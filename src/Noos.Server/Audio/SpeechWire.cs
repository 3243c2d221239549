using System.Text.Json.Serialization;

namespace Noos.Server.Audio;

/// <summary>A piece of sound in a stream of events.</summary>
/// <param name="Audio">Base64.</param>
sealed record SpeechDelta(string Audio)
{
    public string Type => "speech.audio.delta";
}

/// <summary>The last event of a stream.</summary>
sealed record SpeechDone(SpeechUsage Usage)
{
    public string Type => "speech.audio.done";
}

/// <summary>What it cost. Nothing here has tokens: characters go in, milliseconds of sound come out.</summary>
sealed record SpeechUsage(long InputTokens, long OutputTokens)
{
    public long TotalTokens => InputTokens + OutputTokens;
}

/// <summary>The answer of <c>GET /v1/audio/voices</c>, as Open WebUI reads it.</summary>
sealed record VoiceList(IReadOnlyList<VoiceEntry> Voices);

sealed record VoiceEntry(string Id, string Name, string Language, string Kind);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SpeechDelta))]
[JsonSerializable(typeof(SpeechDone))]
[JsonSerializable(typeof(VoiceList))]
sealed partial class SpeechJson : JsonSerializerContext;
