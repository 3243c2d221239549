using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Tools;

/// <summary>
/// Something that a tool must be allowed to do beyond computing with its arguments, by the name that permissions have: <c>net</c>,
/// <c>mcp:github</c>. Any name may be used; the gate asks a person for the ones that it has no rule for.
/// </summary>
[JsonConverter(typeof(CapabilityConverter))]
public sealed record Capability(string Name)
{
    const string McpPrefix = "mcp:";

    /// <summary>Send requests to other machines.</summary>
    public static readonly Capability Network = new("net");

    /// <summary>Read files outside the folder of the process.</summary>
    public static readonly Capability ReadFiles = new("files.read");

    /// <summary>Write, move or delete files outside the folder of the process.</summary>
    public static readonly Capability WriteFiles = new("files.write");

    /// <summary>Run programs, in the sandbox.</summary>
    public static readonly Capability RunCode = new("code");

    public static readonly Capability Camera = new("camera");

    public static readonly Capability Microphone = new("microphone");

    /// <summary>Play sound to whoever is near.</summary>
    public static readonly Capability Speaker = new("speaker");

    /// <summary>Make pictures.</summary>
    public static readonly Capability Painter = new("painter");

    /// <summary>Facts that outlast the conversation.</summary>
    public static readonly Capability Memory = new("memory");

    /// <summary>Start sub-agents and speak with them.</summary>
    public static readonly Capability Spawn = new("spawn");

    /// <summary>Whether tools can have a capability of this name: one of those here, or that of an MCP server.</summary>
    public static bool IsKnown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Names.Contains(name) || (name.StartsWith(McpPrefix, StringComparison.Ordinal) && name.Length > McpPrefix.Length);
    }

    /// <summary>What is said of a name that is none.</summary>
    public static string Unknown(string name) =>
        $"There is no capability '{name}'; there are {string.Join(", ", Names)}, and {McpPrefix}SERVER for the tools of an MCP server.";

    /// <summary>The tools of one MCP server: each server is allowed by itself.</summary>
    public static Capability McpServer(string server) => new(McpPrefix + server);

    static string[] Names =>
    [
        Network.Name, ReadFiles.Name, WriteFiles.Name, RunCode.Name, Camera.Name, Microphone.Name, Speaker.Name, Painter.Name, Memory.Name,
        Spawn.Name,
    ];

    public override string ToString() => Name;
}

/// <summary>A capability is its name.</summary>
public sealed class CapabilityConverter : JsonConverter<Capability>
{
    public override Capability? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } name ? new Capability(name) : null;

    public override void Write(Utf8JsonWriter writer, Capability value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
