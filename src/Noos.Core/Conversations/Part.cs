using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>
/// One piece of a message. The same parts are what the trainer masks, the model emits, the API streams and the page draws.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextPart), "text")]
[JsonDerivedType(typeof(ThoughtPart), "thought")]
[JsonDerivedType(typeof(ToolCallPart), "tool_call")]
[JsonDerivedType(typeof(ToolResultPart), "tool_result")]
[JsonDerivedType(typeof(ImagePart), "image")]
[JsonDerivedType(typeof(AudioPart), "audio")]
[JsonDerivedType(typeof(FilePart), "file")]
public abstract record Part
{
    /// <summary>Where it comes from; null where the role of its message says it: a person, the model, a tool.</summary>
    public Origin? Origin { get; init; }
}

/// <summary>Plain text.</summary>
public sealed record TextPart(string Text) : Part
{
    /// <summary>Where it was read; null for a text that nobody cites.</summary>
    public Citation? Citation { get; init; }
}

/// <summary>What the model thought before its answer. Whether a later prompt shows it is the chat format's choice.</summary>
public sealed record ThoughtPart(string Text) : Part;

/// <summary>The model asks for a tool. <paramref name="Arguments"/> is the JSON object that the tool's schema describes.</summary>
public sealed record ToolCallPart(string Name, JsonElement Arguments, string? CallId = null) : Part
{
    /// <summary>Compares arguments by value: two calls with equal JSON are equal.</summary>
    public bool Equals(ToolCallPart? other) =>
        other is not null
            && Name == other.Name
            && CallId == other.CallId
            && Origin == other.Origin
            && JsonElement.DeepEquals(Arguments, other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Name, CallId);
}

/// <summary>A picture, by reference, with the caption that the eye gave it.</summary>
public sealed record ImagePart(string Uri, string? MediaType = null, string? Caption = null) : Part;

/// <summary>Sound, by reference, with the transcript that the ear gave it.</summary>
public sealed record AudioPart(string Uri, string? MediaType = null, string? Transcript = null) : Part;

/// <summary>A file, by reference, with the text extracted from it: all of it, or an overview.</summary>
public sealed record FilePart(string Uri, string Name, string? MediaType = null, string? Text = null) : Part
{
    /// <summary>The same as text, for models that know no files.</summary>
    public TextPart ToTextPart() => new($"[File {Name}]\n{Text}\n[End of {Name}]\n\n") { Origin = Origin ?? Conversations.Origin.File };
}
