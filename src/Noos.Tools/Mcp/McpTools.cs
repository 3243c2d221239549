using Noos.Core.Tools;

namespace Noos.Tools.Mcp;

/// <summary>
/// The tools of all MCP servers that were approved. To make them reads the two files of the registry; nothing is started.
/// </summary>
public static class McpTools
{
    /// <exception cref="Core.NoosException">A file cannot be read.</exception>
    public static IReadOnlyList<ITool> Create(McpRegistry registry, McpOptions options)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(options);
        var tools = new List<ITool>();
        foreach (var (name, server) in registry.Servers())
        {
            if (server.IsDisabled || registry.ApprovalOf(name, server) is not { } approval)
            {
                continue;
            }

            var connection = new McpConnection(name, server, options);
            tools.AddRange(approval.Tools.Select(tool => new McpTool(connection, tool, server.TrustedTools?.Contains(tool.Name) ?? false)));
        }

        return tools;
    }
}
