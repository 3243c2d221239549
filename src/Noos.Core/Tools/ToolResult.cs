using Noos.Core.Conversations;

namespace Noos.Core.Tools;

/// <summary>What a tool answers.</summary>
/// <param name="Parts">Text, pictures, files, in the order in which they are to be read.</param>
/// <param name="IsError">It could not do what was asked; the parts say why.</param>
/// <param name="Origin">Where the content comes from, where the tool only hands it on.</param>
public sealed record ToolResult(IReadOnlyList<Part> Parts, bool IsError = false, Origin Origin = Origin.Tool)
{
    /// <summary>
    /// The addresses that the content offers to be opened: the results of a search, the links of a page, in their order. Only whole
    /// addresses that stood there, never any that were made of the arguments of the call.
    /// </summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>Who chose the links: set by the gate. Null where each speaks for its own site.</summary>
    public string? LinkSource { get; init; }

    /// <summary>An answer of one text.</summary>
    public static ToolResult Text(string text, Origin origin = Origin.Tool) => new([new TextPart(text)], Origin: origin);

    /// <summary>A refusal or failure, told in one short sentence that the model can read and repeat to the user.</summary>
    public static ToolResult Error(string message) => new([new TextPart(message)], IsError: true);

    /// <summary>The result as a part of the conversation, the answer to a call.</summary>
    public ToolResultPart ToPart(ToolCallPart call)
    {
        ArgumentNullException.ThrowIfNull(call);
        // What a tool computed needs no label: the role of its message says the same.
        return new ToolResultPart(call.Name, Parts, IsError, call.CallId)
        {
            Origin = Origin == Origin.Tool ? null : Origin,
            Links = Links.Count == 0 ? null : new LinkList(LinkSource, Links),
        };
    }
}
