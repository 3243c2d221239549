using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>What a page holds, for people and searches.</summary>
static class PageText
{
    const int MaxPreview = 80;

    public static string Get(Part part) => part switch
    {
        TextPart text => text.Text,
        ThoughtPart thought => thought.Text,
        ToolCallPart call => call.Arguments.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : call.Arguments.GetRawText(),
        ToolResultPart result => result.Text,
        ImagePart image => image.Caption ?? "",
        AudioPart audio => audio.Transcript ?? "",
        FilePart file => file.Text ?? "",
        _ => "",
    };

    public static string Preview(Part part)
    {
        var line = Get(part).AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= MaxPreview ? line.ToString() : $"{line[..MaxPreview].TrimEnd()}...";
    }

    public static string? NameOf(Part part) => part switch
    {
        ToolCallPart call => call.Name,
        ToolResultPart result => result.Name,
        FilePart file => file.Name,
        _ => null,
    };

    public static PageKind KindOf(Message message, Part part) => part switch
    {
        _ when message.Role == Role.System => PageKind.System,
        ThoughtPart => PageKind.Thought,
        ToolCallPart => PageKind.ToolCall,
        ToolResultPart => PageKind.ToolResult,
        ImagePart or AudioPart or FilePart => PageKind.File,
        _ => PageKind.Message,
    };

    /// <summary>Where a page comes from, as the gate sees it.</summary>
    /// <param name="message">The message that it is a part of.</param>
    /// <param name="part">What it holds.</param>
    /// <param name="isRoot">A person speaks to the process; to others the model above does.</param>
    public static Origin OriginOf(Message message, Part part, bool isRoot)
    {
        var author = message.Role switch
        {
            Role.System or Role.User => isRoot ? Origin.Person : Origin.Model,
            Role.Tool => Origin.Tool,
            _ => Origin.Model,
        };
        return part switch
        {
            ToolResultPart result => result.Parts
                .Aggregate((Origin?)(result.Origin ?? Origin.Tool), (origin, piece) => origin.LessTrusted(piece.Origin)) ?? Origin.Tool,
            ImagePart or AudioPart or FilePart => part.Origin ?? Origin.File,
            _ => part.Origin ?? author,
        };
    }
}
