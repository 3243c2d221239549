using ModelContextProtocol.Authentication;
using Noos.Core;
using Noos.Core.Network;
using Noos.Core.Settings;
using Noos.Tools.Mcp;

namespace Noos.Cli.Mcp;

/// <summary>How the MCP servers of this user are reached.</summary>
static class McpSettings
{
    // Where nobody logs in it is never opened.
    static readonly Uri s_noRedirect = new("http://127.0.0.1/callback");

    /// <param name="settings">Whose servers they are.</param>
    /// <param name="egress">What requests may do; null for what is usual.</param>
    /// <param name="login">How a person logs in; null where nobody is there who could.</param>
    public static McpOptions From(NoosSettings settings, EgressOptions? egress = null, BrowserLogin? login = null) => new()
    {
        Home = settings.UserData.Folder,
        Egress = egress ?? new EgressOptions(),
        Authorization = (server, entry) => new ClientOAuthOptions
        {
            ClientId = entry.OAuth?.ClientId,
            ClientSecret = entry.OAuth?.ClientSecret,
            RedirectUri = login?.Address ?? s_noRedirect,
            TokenCache = new McpTokenFile(settings.UserData.Folder, server),
            DynamicClientRegistration = entry.OAuth is not null ? null : new DynamicClientRegistrationOptions { ClientName = "Noos" },
            AuthorizationCallbackHandler = (context, cancellationToken) => login is null
                ? throw new NoosException(
                    ErrorKind.Refused, $"It wants you to log in; 'noos mcp test {server}' does that.")
                : login.AskAsync(context, cancellationToken),
        },
    };
}
