using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Tools.Mcp;

namespace Noos.Server.Mcp;

/// <summary>
/// Noos as an MCP server: offers tools to programs of others, through the gate. What a client sends may come from anywhere it has read, so
/// every call counts as that of a process which has read something foreign; and nobody sits there who could be asked, so what would be
/// asked is refused. Tools of other MCP servers are not handed on: whoever wants those adds them himself. Thread-safe.
/// </summary>
/// <param name="tools">What is offered.</param>
/// <param name="gate">Runs the calls.</param>
/// <param name="owner">On whose behalf: his memory it is.</param>
public sealed class McpToolServer(IEnumerable<ITool> tools, ToolGate gate, string owner)
{
    readonly Dictionary<string, ITool> _tools = tools.Where(tool => tool is not McpTool)
        .ToDictionary(tool => tool.Declaration.Name, StringComparer.Ordinal);

    /// <summary>Puts itself behind the requests of a server.</summary>
    public McpServerOptions Configure(McpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ServerInfo = new Implementation
        {
            Name = "noos",
            Title = "Noos",
            Version = typeof(McpToolServer).Assembly.GetName().Version!.ToString(3),
        };
        options.Capabilities = new ServerCapabilities { Tools = new ToolsCapability() };
        options.Handlers.ListToolsHandler = (_, _) =>
            ValueTask.FromResult(new ListToolsResult { Tools = [.. _tools.Values.Select(Describe)] });
        options.Handlers.CallToolHandler = (request, cancellationToken) => CallAsync(request.Params, cancellationToken);
        return options;
    }

    static Tool Describe(ITool tool) => new()
    {
        Name = tool.Declaration.Name,
        Description = tool.Declaration.Description,
        InputSchema = tool.Declaration.Parameters,
        Annotations = new ToolAnnotations
        {
            // Hints, as the protocol says: the gate decides by the effects of each call.
            ReadOnlyHint = tool.Needs.Count == 0,
            IdempotentHint = tool.IsRepeatable,
            OpenWorldHint = tool.Needs.Contains(Capability.Network),
        },
    };

    async ValueTask<CallToolResult> CallAsync(CallToolRequestParams? request, CancellationToken cancellationToken)
    {
        if (request is null || !_tools.TryGetValue(request.Name, out var tool))
        {
            throw new McpProtocolException($"There is no tool \"{request?.Name}\" here.", McpErrorCode.InvalidParams);
        }

        var arguments = new JsonObject((request.Arguments ?? new Dictionary<string, JsonElement>())
            .Select(argument => KeyValuePair.Create(argument.Key, JsonNode.Parse(argument.Value.GetRawText()))));
        var call = new ToolCallPart(request.Name, JsonElement.Parse(arguments.ToJsonString()));
        var outcome = await gate.InvokeAsync(tool, call, NewCaller(), cancellationToken);
        return new CallToolResult
        {
            Content = [.. outcome.Result.Parts.Select(BlockOf)],
            IsError = outcome.Result.IsError,
        };
    }

    Caller NewCaller()
    {
        var provenance = new Provenance(isRoot: false);
        provenance.Add(Message.User("") with { Parts = [new TextPart("") { Origin = Origin.Service }] });
        return new Caller($"mcp-{Guid.NewGuid():N}") { Owner = owner, Provenance = provenance };
    }

    static ContentBlock BlockOf(Part part) => part switch
    {
        TextPart text => new TextContentBlock { Text = text.Text },
        ImagePart { MediaType: { } type } image when DataOf(image.Uri) is { } data => ImageContentBlock.FromBytes(data, type),
        AudioPart { MediaType: { } type } audio when DataOf(audio.Uri) is { } data => AudioContentBlock.FromBytes(data, type),
        ImagePart image => new TextContentBlock { Text = image.Caption ?? "[a picture]" },
        AudioPart audio => new TextContentBlock { Text = audio.Transcript ?? "[sound]" },
        FilePart { Text: { } text } file => new EmbeddedResourceBlock
        {
            Resource = new TextResourceContents { Uri = file.Uri, MimeType = file.MediaType, Text = text },
        },
        FilePart file => new TextContentBlock { Text = $"[the file {file.Name}]" },
        _ => new TextContentBlock { Text = "" },
    };

    static byte[]? DataOf(string uri)
    {
        const string Marker = ";base64,";
        var at = uri.IndexOf(Marker, StringComparison.Ordinal);
        var bytes = at < 0 ? [] : new byte[(uri.Length - at) * 3 / 4];
        return uri.StartsWith("data:", StringComparison.Ordinal) && at > 0
            && Convert.TryFromBase64String(uri[(at + Marker.Length)..], bytes, out var length) ? bytes[..length] : null;
    }
}
