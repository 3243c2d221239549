using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>
/// What a tool answered: one text, or several parts. That the tool refused or failed is a flag, never a word in the text; the parts then
/// say why. As JSON a single text is <c>content</c>, anything else <c>parts</c>.
/// </summary>
public sealed record ToolResultPart : Part, IJsonOnDeserialized
{
    /// <param name="Name">The tool.</param>
    /// <param name="Parts">What it answered.</param>
    /// <param name="IsError">It refused or failed.</param>
    /// <param name="CallId">The call that this answers; null for the oldest call without an answer.</param>
    public ToolResultPart(string Name, IReadOnlyList<Part> Parts, bool IsError = false, string? CallId = null)
    {
        this.Name = Name;
        this.Parts = Parts;
        this.IsError = IsError;
        this.CallId = CallId;
    }

    /// <inheritdoc cref="ToolResultPart(string, IReadOnlyList{Part}, bool, string?)"/>
    public ToolResultPart(string Name, string Text, bool IsError = false, string? CallId = null)
        : this(Name, [new TextPart(Text)], IsError, CallId)
    {
    }

    [JsonConstructor]
    internal ToolResultPart(string name)
    {
        Name = name;
        Parts = null!;
    }

    public string Name { get; init; }

    [JsonIgnore]
    public IReadOnlyList<Part> Parts { get; init; }

    /// <summary>The texts of the parts, joined: what a model that reads text alone is told.</summary>
    [JsonIgnore]
    public string Text => string.Concat(Parts.OfType<TextPart>().Select(part => part.Text));

    [JsonInclude]
    internal string? Content
    {
        get => Parts is [TextPart { Origin: null, Citation: null } only] ? only.Text : null;
        init => Parts = value is null ? Parts : [new TextPart(value)];
    }

    [JsonInclude]
    [JsonPropertyName("parts")]
    internal IReadOnlyList<Part>? PartList
    {
        get => Parts is [TextPart { Origin: null, Citation: null }] ? null : Parts;
        init => Parts = value ?? Parts;
    }

    public bool IsError { get; init; }

    public string? CallId { get; init; }

    /// <summary>The addresses that the content offers; null for none.</summary>
    public LinkList? Links { get; init; }

    public bool Equals(ToolResultPart? other) =>
        other is not null
            && Name == other.Name
            && IsError == other.IsError
            && CallId == other.CallId
            && Origin == other.Origin
            && Links == other.Links
            && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => HashCode.Combine(Name, IsError, CallId, Parts.Count);

    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Parts is null || Parts.Any(part => part is null))
        {
            throw new JsonException("The result of a tool needs either 'content' or 'parts'.");
        }
    }
}
