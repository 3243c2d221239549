using ModelContextProtocol.Authentication;
using Noos.Core.Network;

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
    /// Puts a program into a sandbox: gets the command line as it is written down, gives the one to run. Null runs it as it is.
    /// </summary>
    public Func<McpCommand, McpCommand>? Confine { get; init; }

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

/// <summary>A command line without a shell.</summary>
/// <param name="Program">The file, or its name in PATH.</param>
/// <param name="Arguments">In their order.</param>
public sealed record McpCommand(string Program, IReadOnlyList<string> Arguments);
