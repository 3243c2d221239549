using ModelContextProtocol.Authentication;
using Noos.Core.Network;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Mcp;

/// <summary>How MCP servers are reached.</summary>
public sealed record McpOptions
{
    /// <summary>
    /// What requests to servers may do; the address that the administrator wrote down is reached also where it is a loopback or private
    /// one.
    /// </summary>
    public EgressOptions Egress { get; init; } = new();

    /// <summary>
    /// The sandbox of servers that are programs; asked when one is started. A program whose entry does not say otherwise is never run
    /// without one.
    /// </summary>
    public Func<CancellationToken, Task<SandboxChoice>> FindSandbox { get; init; } =
        static cancellationToken => SandboxChoice.FindAsync(new SandboxOptions(), cancellationToken);

    /// <summary>
    /// Where each program has a folder of its own, <c>mcp/NAME</c>, which outlives it; null for one that goes with the connection.
    /// </summary>
    public string? Home { get; init; }

    /// <summary>How long a connection may take to come about where the server's entry does not say.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Authorization by OAuth 2.1, for servers that ask for it: where tokens are kept, and how a person logs in. Null where nobody can:
    /// then such a server is refused with a sentence. Gets the server's name and entry.
    /// </summary>
    public Func<string, McpServerEntry, ClientOAuthOptions>? Authorization { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
