using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelContextProtocol.Protocol;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Mcp;

/// <summary>
/// A tool of an MCP server, <c>server__tool</c>. A person has approved its description; what it answers is still the word of a stranger. A
/// call hands its arguments to the server, whatever the server says of itself.
/// </summary>
/// <param name="connection">To its server; shared by the tools of the server.</param>
/// <param name="tool">As it was approved.</param>
/// <param name="isTrusted">The administrator says that it only reads, and may be asked anything.</param>
public sealed class McpTool(McpConnection connection, McpToolEntry tool, bool isTrusted) : ITool, IAsyncDisposable
{
    // What models and APIs accept as a name.
    const int MaxName = 64;

    const int MaxMediaBytes = 5 << 20;

    readonly Capability _capability = Capability.McpServer(connection.Name);

    public ToolDeclaration Declaration { get; } = new(NameOf(connection.Name, tool.Name), tool.Description, tool.InputSchema);

    public IReadOnlyList<Capability> Needs => [_capability];

    // A server may say that its calls can be repeated; nobody knows.
    public bool IsRepeatable => false;

    public IReadOnlyList<Effect>? EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        return [Effect.CallMcp(connection.Name, tool.Name, call.Arguments.GetRawText(), isTrusted)];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            var arguments = call.Arguments.EnumerateObject().ToDictionary(
                argument => argument.Name, argument => (object?)argument.Value, StringComparer.Ordinal);
            var result = await connection.CallAsync(tool, arguments, cancellationToken);
            var parts = result.Content.Select(PartOf).ToList();
            if (parts.Count == 0)
            {
                parts.Add(new TextPart(result.StructuredContent?.GetRawText() ?? "(nothing)"));
            }

            return new ToolResult(parts, result.IsError ?? false, Origin.Service);
        }
        catch (NoosException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>server__tool; what is too long or has other characters gets a digest instead, so that no two names meet.</summary>
    internal static string NameOf(string server, string tool)
    {
        var name = $"{server}__{tool}";
        if (name.Length <= MaxName && tool.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return name;
        }

        var plain = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_').Take(MaxName - 9)]);
        return $"{plain}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }

    static Part PartOf(ContentBlock block) => block switch
    {
        TextContentBlock text => new TextPart(text.Text),
        ImageContentBlock image => Media(image.DecodedData, image.MimeType, "picture", uri => new ImagePart(uri, image.MimeType)),
        AudioContentBlock audio => Media(audio.DecodedData, audio.MimeType, "sound", uri => new AudioPart(uri, audio.MimeType)),
        EmbeddedResourceBlock { Resource: TextResourceContents text } => new TextPart($"[{text.Uri}]\n{text.Text}"),
        EmbeddedResourceBlock { Resource: BlobResourceContents blob } => new TextPart(
            $"[{blob.Uri}: {blob.MimeType ?? "data"}, {Size(blob.DecodedData.Length)}, not shown]"),
        ResourceLinkBlock link => new TextPart($"[{link.Name}: {link.Uri}]"),
        _ => new TextPart($"[{block.Type}: not shown]"),
    };

    static Part Media(ReadOnlyMemory<byte> data, string type, string what, Func<string, Part> make) => data.Length > MaxMediaBytes
        ? new TextPart($"[a {what} of {Size(data.Length)}, too large to be shown]")
        : make($"data:{type};base64,{Convert.ToBase64String(data.Span)}");

    static string Size(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
}
