using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Language.Templates;

namespace Noos.Cpus.Local;

/// <summary>The texts of a part, in the order in which chat templates write them.</summary>
static class PartText
{
    const int MaxLeaves = 256;

    public static IReadOnlyList<string> Get(Part part) => part switch
    {
        TextPart text => [text.Text],
        ThoughtPart thought => [thought.Text],
        ToolCallPart call => [call.Name, call.Arguments.ValueKind == JsonValueKind.Undefined ? "{}" : call.Arguments.GetRawText()],
        ToolResultPart result => [ToolResultText.Render(result)],
        ImagePart image => [image.Caption ?? ""],
        AudioPart audio => [audio.Transcript ?? ""],
        FilePart file => [file.Name, file.Text ?? ""],
        _ => [],
    };

    /// <summary>
    /// The same, with the names and values of a call one by one: templates write its JSON with other spaces, or as XML.
    /// </summary>
    public static IReadOnlyList<string> Anchors(Part part) =>
        part is ToolCallPart call ? [call.Name, .. Leaves(call.Arguments).Take(MaxLeaves)] : Get(part);

    static IEnumerable<string> Leaves(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined => [],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Leaves(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Leaves),
        _ => [element.GetRawText().Trim('"')],
    };
}
