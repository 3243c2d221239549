using System.Text.Json.Serialization;

namespace Noos.Core.Conversations;

/// <summary>Where a part of a conversation comes from: what it says may be trusted accordingly.</summary>
[JsonConverter(typeof(OriginConverter))]
public enum Origin
{
    /// <summary>A person typed or said it.</summary>
    Person,

    /// <summary>A model generated it.</summary>
    Model,

    /// <summary>A tool computed it.</summary>
    Tool,

    /// <summary>It was read from a file.</summary>
    File,

    /// <summary>It was read from the web: written by anyone, and never an instruction.</summary>
    Web,

    /// <summary>A service outside answered, such as an MCP server: written by whoever it serves.</summary>
    Service,
}

/// <summary>Origins in lower case.</summary>
public sealed class OriginConverter()
    : JsonStringEnumConverter<Origin>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
