using System.Text.Json.Serialization;

namespace Noos.Server.Audio;

/// <summary>A piece of a transcript that is streamed.</summary>
sealed record TranscriptDeltaWire(string Type, string Delta);

/// <summary>The end of a stream, with the whole text.</summary>
sealed record TranscriptDoneWire(string Type, string Text);

/// <summary>The ears, for clients that let people choose one.</summary>
sealed record AudioModelsWire(IReadOnlyList<AudioModelWire> Models);

sealed record AudioModelWire(string Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TranscriptDeltaWire))]
[JsonSerializable(typeof(TranscriptDoneWire))]
[JsonSerializable(typeof(AudioModelsWire))]
sealed partial class TranscriptionJson : JsonSerializerContext;
