using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Memory;

/// <summary>What a page of the context holds.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageKind>))]
public enum PageKind
{
    /// <summary>Instructions; they always stay.</summary>
    System,

    /// <summary>What a person said, or the model.</summary>
    Message,

    /// <summary>What the model thought; most chat templates show it only while its answer is under way.</summary>
    Thought,

    /// <summary>A call of a tool; it comes and goes with its result.</summary>
    ToolCall,

    /// <summary>The result of a tool.</summary>
    ToolResult,

    /// <summary>What stands for older pages that are paged out; it has no number of its own.</summary>
    Summary,

    /// <summary>A file, a picture with its caption, a sound with its transcript.</summary>
    File,
}
