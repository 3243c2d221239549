using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Language.Templates;

namespace Noos.Cpus.Local;

/// <summary>The texts of a part, in the order in which chat templates write them.</summary>
static class PartText
{
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
}
