using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Core.Text;

namespace Noos.Tools.Mcp;

/// <summary>
/// The MCP servers of a home: which there are (<c>mcp.json</c>, written by the administrator or by 'noos mcp'), and what was approved of
/// them (<c>mcp-approved.json</c>). Only whoever may write into the home can add a server, since that is to run a program.
/// </summary>
/// <param name="home">The folder; it need not exist.</param>
public sealed partial class McpRegistry(string home)
{
    public const string FileName = "mcp.json";
    public const string ApprovalFileName = "mcp-approved.json";

    const string Section = "mcpServers";

    string FilePath => Path.Combine(home, FileName);

    string ApprovalPath => Path.Combine(home, ApprovalFileName);

    /// <summary>Somebody has written servers down.</summary>
    public bool Exists => File.Exists(FilePath);

    /// <summary>All servers by their names, in the order of the file.</summary>
    /// <exception cref="NoosException">The file cannot be read, or says something that makes no sense (Invalid).</exception>
    public IReadOnlyDictionary<string, McpServerEntry> Servers()
    {
        var servers = new Dictionary<string, McpServerEntry>(StringComparer.Ordinal);
        foreach (var (name, value) in Read()[Section]?.AsObject() ?? [])
        {
            try
            {
                servers[name] = Check(
                    name, value.Deserialize(McpJson.Default.McpServerEntry) ?? throw new JsonException("There is no object."));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw Wrong($"the server \"{name}\" cannot be read: {e.Message}", e);
            }
        }

        return servers;
    }

    /// <exception cref="NoosException">There is none (NotFound).</exception>
    public McpServerEntry Get(string name) => Servers().GetValueOrDefault(name) ?? throw new NoosException(
        ErrorKind.NotFound, $"There is no MCP server \"{name}\"; 'noos mcp list' names those there are, 'noos mcp add' adds one.");

    /// <summary>Adds a server, or puts another in the place of one.</summary>
    public void Add(string name, McpServerEntry server)
    {
        var file = Read();
        var servers = file[Section] as JsonObject ?? [];
        file[Section] = servers;
        servers[name] = JsonSerializer.SerializeToNode(Check(name, server), McpJson.Default.McpServerEntry);
        Write(FilePath, file.ToJsonString(McpJson.Default.Options));
    }

    /// <summary>Removes a server and what was approved of it.</summary>
    /// <exception cref="NoosException">There is none (NotFound).</exception>
    public void Remove(string name)
    {
        _ = Get(name);
        var file = Read();
        file[Section]!.AsObject().Remove(name);
        Write(FilePath, file.ToJsonString(McpJson.Default.Options));
        var approvals = Approvals();
        if (approvals.Remove(name))
        {
            Write(approvals);
        }
    }

    /// <summary>What was approved of a server as it is written down now; null where nothing was.</summary>
    public McpApproval? ApprovalOf(string name, McpServerEntry server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Approvals().GetValueOrDefault(name) is { } approval && approval.Endpoint == server.Endpoint ? approval : null;
    }

    /// <summary>From now on models are told of these tools of a server.</summary>
    public void Approve(string name, McpServerEntry server, IReadOnlyList<McpToolEntry> tools)
    {
        ArgumentNullException.ThrowIfNull(server);
        var approvals = Approvals();
        approvals[name] = new McpApproval(server.Endpoint, tools);
        Write(approvals);
    }

    static McpServerEntry Check(string name, McpServerEntry server) =>
        !Name().IsMatch(name)
            ? throw Wrong($"the name \"{name}\" must be 1 to 32 small letters, digits and hyphens, and begin with a letter")
            : (server.Command is { Length: > 0 }) == (server.Url is { Length: > 0 })
                ? throw Wrong($"the server \"{name}\" needs either a \"command\" or a \"url\"")
                : server.Url is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                    ? throw Wrong($"the address of \"{name}\" must begin with http:// or https://")
                    : server.TimeoutSeconds is < 1 or > 600
                        ? throw Wrong($"the timeout of \"{name}\" must be from 1 to 600 seconds")
                        : server;

    static NoosException Wrong(string what, Exception? inner = null)
    {
        // The parser's own words end with a full stop.
        var message = $"In {FileName}, {what.TrimEnd('.')}.";
        return inner is null ? new NoosException(ErrorKind.Invalid, message) : new NoosException(ErrorKind.Invalid, message, inner);
    }

    JsonObject Read()
    {
        if (!Exists)
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(
                File.ReadAllText(FilePath),
                documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })
                as JsonObject ?? throw Wrong("there must be an object with \"mcpServers\"");
        }
        catch (JsonException e)
        {
            throw Wrong($"there is no valid JSON: {JsonFault.Describe(e)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(ErrorKind.Refused, $"The file '{FilePath}' cannot be read: {e.Message}", e);
        }
    }

    Dictionary<string, McpApproval> Approvals()
    {
        try
        {
            return File.Exists(ApprovalPath)
                ? JsonSerializer.Deserialize(File.ReadAllText(ApprovalPath), McpJson.Default.DictionaryStringMcpApproval) ?? []
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The file '{ApprovalPath}' cannot be read; remove it, and approve your MCP servers anew "
                    + "('noos mcp test NAME --approve').", e);
        }
    }

    void Write(Dictionary<string, McpApproval> approvals) =>
        Write(ApprovalPath, JsonSerializer.Serialize(approvals, McpJson.Default.DictionaryStringMcpApproval));

    // Headers and variables hold secrets.
    static void Write(string path, string text) => AtomicFile.Write(
        path, stream => stream.Write(Encoding.UTF8.GetBytes(text + "\n")), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,31}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
