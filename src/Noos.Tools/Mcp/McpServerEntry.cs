using System.Text.Json.Serialization;

namespace Noos.Tools.Mcp;

/// <summary>
/// An MCP server as the administrator has written it down in <c>mcp.json</c>, in the shape of the ecosystem's <c>mcpServers</c>. Either a
/// program (<c>command</c>) or an address (<c>url</c>).
/// </summary>
public sealed record McpServerEntry
{
    /// <summary>Of the program; it is run in a sandbox, without a shell.</summary>
    [JsonPropertyName("command")]
    public string? Command { get; init; }

    [JsonPropertyName("args")]
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Further variables of the program; of those of this one it gets only HOME, PATH and the like.</summary>
    [JsonPropertyName("env")]
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The folder in which the program runs.</summary>
    [JsonPropertyName("cwd")]
    public string? WorkingFolder { get; init; }

    /// <summary>False runs the program with all rights of the user who started Noos.</summary>
    [JsonPropertyName("sandbox")]
    public bool? Sandbox { get; init; }

    /// <summary>The program runs in the sandbox; nobody has said otherwise.</summary>
    [JsonIgnore]
    public bool IsConfined => Sandbox != false;

    /// <summary>The program may use the network, this machine's own services included.</summary>
    [JsonPropertyName("network")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasNetwork { get; init; }

    /// <summary>
    /// Folders and files that the program may read, beside the system's programs, its own folder, and the paths on its command line.
    /// </summary>
    [JsonPropertyName("read")]
    public IReadOnlyList<string>? ReadableFolders { get; init; }

    /// <summary>Folders that the program may change, beside its own.</summary>
    [JsonPropertyName("write")]
    public IReadOnlyList<string>? WritableFolders { get; init; }

    /// <summary>Of the endpoint (streamable HTTP).</summary>
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    /// <summary>Sent with every request, such as an Authorization.</summary>
    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Its tools are not offered.</summary>
    [JsonPropertyName("disabled")]
    public bool IsDisabled { get; init; }

    /// <summary>
    /// Tools that only read, and that the administrator trusts with any question: they are judged as a search is. What the server itself
    /// says of its tools, such as readOnlyHint, never counts.
    /// </summary>
    [JsonPropertyName("trustedTools")]
    public IReadOnlyList<string>? TrustedTools { get; init; }

    /// <summary>The client of the authorization, where the server wants one that was registered beforehand.</summary>
    [JsonPropertyName("oauth")]
    public McpOAuthEntry? OAuth { get; init; }

    /// <summary>
    /// The version of the protocol to greet with, such as 2025-11-25; null begins with the newest and steps down. For servers that do not
    /// answer a greeting that they do not know.
    /// </summary>
    [JsonPropertyName("protocolVersion")]
    public string? ProtocolVersion { get; init; }

    /// <summary>Seconds for a connection to come about.</summary>
    [JsonPropertyName("timeout")]
    public int? TimeoutSeconds { get; init; }

    /// <summary>What is connected to, in one line; an approval holds for exactly this.</summary>
    [JsonIgnore]
    public string Endpoint => Url ?? string.Join(' ', [Command!, .. Arguments ?? []]);
}

/// <summary>A client that was registered with the authorization server of an MCP server.</summary>
/// <param name="ClientId">Its id.</param>
/// <param name="ClientSecret">Its secret; null for a public client.</param>
public sealed record McpOAuthEntry(
    [property: JsonPropertyName("clientId")] string ClientId, [property: JsonPropertyName("clientSecret")] string? ClientSecret = null);
